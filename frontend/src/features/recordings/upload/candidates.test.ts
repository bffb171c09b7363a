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
  expect(paths("b.CSV", "c.csv", "d.mat", "e.txt", "f.zip")).toEqual(["b.CSV", "c.csv", "d.mat", "e.txt", "f.zip"]);
  expect(paths("1.csv", "2.csv", "3.csv", "4.csv")).toEqual(["1.csv", "2.csv", "3.csv"]);
});

test("of formats that say all themselves the first file is looked into, of other endings none", () => {
  expect(paths("a.dcm", "b.dcm", "c.exe")).toEqual(["a.dcm"]);
});

test("an empty file is not asked about: it says nothing of the others", () => {
  const empty = { path: "a.csv", file: new File([], "a.csv") };
  expect(candidates([empty, file("b.csv")], formats).map(({ path }) => path)).toEqual(["b.csv"]);
});

test("a MATLAB file with its WFDB header beside it needs no declaration", () => {
  expect(paths("x/A1.hea", "x/A1.mat", "y/A1.mat")).toEqual(["y/A1.mat"]);
});

test("of records with a WFDB header the first is looked into, with the files that belong to it", () => {
  const wfdb = { name: "wfdb", title: "WFDB", extensions: [".hea", ".dat", ".mat"], declares_units: true, source: "" };
  const names = ["a/1.hea", "a/1.dat", "a/2.hea", "a/2.dat", "b/1.dat"];
  const [header, loose] = candidates(names.map(file), [...formats, wfdb] as System["formats"]);
  expect(header?.path).toBe("a/1.hea");
  expect(header?.beside?.map(({ path }) => path)).toEqual(["a/1.dat"]);
  expect(loose?.path).toBe("b/1.dat"); // without a header, it may be bare samples
});

test("files of the operating system are passed over", () => {
  expect(paths("__MACOSX/._a.csv", ".hidden.csv")).toEqual([]);
});

type Seen = Partial<Awaited<ReturnType<Parameters<typeof doubtful>[2]>>>;

/** Asks about the files and returns which were looked into and which are to be shown. */
async function ask(seen: Record<string, Seen | "fails">): Promise<{ looked: string[]; shown: string[] }> {
  const looked: string[] = [];
  const shown = await doubtful(Object.keys(seen).map(file), formats, async ({ path }) => {
    looked.push(path);
    const answer = seen[path];
    if (answer === undefined || answer === "fails") throw new Error("no answer");
    return { left_open: [], error: null, offers: [], ...answer };
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

test("a record whose unit is no voltage is shown: it can be read without a scale", async () => {
  const noVoltage: Seen = { left_open: ["unit"], error: null, offers: [{ unit: "arbitrary" }] };
  expect((await ask({ "a.hea": noVoltage })).shown).toEqual(["a.hea"]);
  expect((await ask({ "a.hea": { left_open: ["unit"], error: null } })).shown).toEqual([]); // not calibrated
});

test("a file of a format that says all itself is shown only where a declaration would help", async () => {
  const refused = { error: "It holds 3 leads." };
  expect((await ask({ "a.dcm": refused })).shown).toEqual([]);
  expect((await ask({ "a.dcm": { ...refused, offers: [{ partial: true }] } })).shown).toEqual([]);
  expect((await ask({ "a.dcm": { ...refused, offers: [{ unit: "arbitrary" }] } })).shown).toEqual(["a.dcm"]);
});
