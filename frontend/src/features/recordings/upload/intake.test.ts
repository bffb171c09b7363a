import { expect, test } from "vitest";
import type { PathFile } from "@/lib/files";
import { type Declared, USUAL } from "./declared";
import { createIntake } from "./intake";

const files = (...paths: string[]): PathFile[] => paths.map((path) => ({ path, file: new File(["x"], path) }));
const MILLIVOLTS: Declared = { ...USUAL, scale: "mV" };

/** An intake that asks about every .csv, and what it has sent. */
function intake(look?: () => Promise<PathFile[]>) {
  const sent: string[] = [];
  const made = createIntake(
    look ?? (async (batch) => batch.filter(({ path }) => path.endsWith(".csv"))),
    (batch, { scale }) => sent.push(`${batch.map(({ path }) => path).join("+")} as ${scale}`),
  );
  return { sent, ...made };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("what says everything itself goes straight through", async () => {
  const { add, state, sent } = intake();
  add(files("a.dcm", "b.dcm"));
  expect(state().looking).toBe(true);
  await settled();
  expect(sent).toEqual(["a.dcm+b.dcm as uV"]);
  expect(state()).toMatchObject({ looking: false, open: null });
});

test("of two drops in a row both are asked about, one after the other, and neither is lost", async () => {
  const { add, accept, state, sent } = intake();
  add(files("a.csv", "a.dcm"));
  add(files("b.csv"));
  add(files("c.dcm"));
  await settled();
  expect(state().open?.files.map(({ path }) => path)).toEqual(["a.csv", "a.dcm"]);
  expect(state().open?.asked.map(({ path }) => path)).toEqual(["a.csv"]);
  expect(sent).toEqual([]);
  accept(MILLIVOLTS);
  await settled();
  expect(state().open?.files.map(({ path }) => path)).toEqual(["b.csv"]);
  expect(state().declared).toEqual(MILLIVOLTS); // what was said of the first is where the second begins
  accept(USUAL);
  await settled();
  expect(sent).toEqual(["a.csv+a.dcm as mV", "b.csv as uV", "c.dcm as uV"]);
});

test("a cancelled batch is named as left out, declares nothing, and the next one follows", async () => {
  const { add, cancel, state, sent } = intake();
  add(files("a.csv", "b.csv"));
  add(files("c.dcm"));
  await settled();
  cancel();
  expect(state()).toMatchObject({ open: null, leftOut: 2, declared: USUAL });
  await settled();
  expect(sent).toEqual(["c.dcm as uV"]);
});

test("where files cannot be looked into nothing is sent, and the reason is kept until the next ones come", async () => {
  let answers = false;
  const { add, state, sent } = intake(async () => {
    if (!answers) throw new Error("The platform does not answer.");
    return [];
  });
  add(files("a.csv"));
  await settled();
  expect(state().problem?.message).toBe("The platform does not answer.");
  expect(sent).toEqual([]);
  answers = true;
  add(files("a.csv"));
  expect(state().problem).toBeNull();
  await settled();
  expect(sent).toEqual(["a.csv as uV"]);
});
