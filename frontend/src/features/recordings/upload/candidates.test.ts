import { expect, test } from "vitest";
import type { System } from "@/api/types";
import { candidates, doubtful } from "./candidates";

const formats = [
  { name: "csv", title: "CSV", extensions: [".csv", ".txt"], declares_units: false, source: "" },
  { name: "matlab", title: "MATLAB", extensions: [".mat"], declares_units: false, source: "" },
  { name: "dicom", title: "DICOM", extensions: [".dcm"], declares_units: true, source: "" },
] as System["formats"];
const file = (path: string) => ({ path, file: new File(["x"], path) });
const paths = (...names: string[]) => candidates(names.map(file), formats).map(({ path }) => path);

test("the first files of each ending that may leave something open are asked about", () => {
  expect(paths("a.dcm", "b.CSV", "c.csv", "d.mat", "e.txt", "f.zip")).toEqual([
    "b.CSV",
    "c.csv",
    "d.mat",
    "e.txt",
    "f.zip",
  ]);
  expect(paths("1.csv", "2.csv", "3.csv", "4.csv")).toEqual(["1.csv", "2.csv", "3.csv"]);
});

test("an empty file is not asked about: it says nothing of the others", () => {
  const empty = { path: "a.csv", file: new File([], "a.csv") };
  expect(candidates([empty, file("b.csv")], formats).map(({ path }) => path)).toEqual(["b.csv"]);
});

test("a MATLAB file with its WFDB header beside it needs no declaration", () => {
  expect(paths("x/A1.hea", "x/A1.mat", "y/A1.mat")).toEqual(["y/A1.mat"]);
});

test("files of the operating system are passed over", () => {
  expect(paths("__MACOSX/._a.csv", ".hidden.csv")).toEqual([]);
});

type Seen = Parameters<typeof doubtful>[1] extends (item: never) => Promise<infer T> ? T : never;

/** Asks about the files and returns which were looked into and which are to be shown. */
async function ask(seen: Record<string, Seen | "fails">): Promise<{ looked: string[]; shown: string[] }> {
  const looked: string[] = [];
  const shown = await doubtful(Object.keys(seen).map(file), async ({ path }) => {
    looked.push(path);
    const answer = seen[path];
    if (answer === undefined || answer === "fails") throw new Error("no answer");
    return answer;
  });
  return { looked, shown: shown.map(({ path }) => path) };
}

test("files that say everything themselves are not shown, and of each ending one is enough", async () => {
  const clear = { left_open: [], error: null };
  expect(await ask({ "a.csv": clear, "b.csv": clear, "c.mat": clear })).toEqual({
    looked: ["a.csv", "c.mat"],
    shown: [],
  });
});

test("the file in doubt is shown first, even after a broken one", async () => {
  const open: Seen = { left_open: ["unit"], error: null };
  const { shown } = await ask({ "a.csv": { left_open: [], error: "It is broken." }, "b.csv": open, "c.csv": open });
  expect(shown).toEqual(["b.csv", "a.csv", "c.csv"]);
});

test("a file that cannot be read or looked at is shown, as another declaration may help", async () => {
  const clear = { left_open: [], error: null };
  const refused = { left_open: [], error: "It holds 3 leads." };
  expect((await ask({ "a.mat": clear, "b.csv": refused })).shown).toEqual(["b.csv", "a.mat"]);
  expect((await ask({ "a.csv": "fails" })).shown).toEqual(["a.csv"]);
});
