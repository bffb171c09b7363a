import { expect, test } from "vitest";
import { fromDrop, fromInput, isHidden } from "./files";

test("files of the system are told from recordings", () => {
  expect(isHidden("ecgs/.DS_Store")).toBe(true);
  expect(isHidden("__MACOSX/a.dat")).toBe(true);
  expect(isHidden(".git/a.dat")).toBe(true);
  expect(isHidden("ecgs/ä #1?.dat")).toBe(false);
});

type Entry = { isFile: boolean; fullPath: string } & Record<string, unknown>;

const leaf = (path: string): Entry => ({
  isFile: true,
  fullPath: `/${path}`,
  file: (done: (file: File) => void) => done(new File(["x"], path.split("/").pop() ?? "")),
});

const folder = (path: string, children: Entry[]): Entry => ({
  isFile: false,
  fullPath: `/${path}`,
  createReader: () => {
    let at = 0; // A reader hands out a few entries at a time.
    return {
      readEntries: (done: (entries: Entry[]) => void) => {
        done(children.slice(at, at + 2));
        at += 2;
      },
    };
  },
});

test("a dropped folder is walked to its last level, in portions", async () => {
  const root = folder("study", [
    leaf("study/1.hea"),
    leaf("study/1.dat"),
    folder("study/sub", [leaf("study/sub/2.csv")]),
  ]);
  const items = [
    { kind: "file", webkitGetAsEntry: () => root, getAsFile: () => null },
    { kind: "string", webkitGetAsEntry: () => null, getAsFile: () => null },
    { kind: "file", webkitGetAsEntry: () => null, getAsFile: () => new File(["y"], "loose.csv") },
  ];
  const found = await fromDrop({ items } as unknown as DataTransfer);
  expect(found.map(({ path }) => path).sort()).toEqual(["loose.csv", "study/1.dat", "study/1.hea", "study/sub/2.csv"]);
});

test("a picked folder keeps the folders of its files, and a picked file its name", () => {
  const inFolder = Object.assign(new File(["x"], "1.dat"), { webkitRelativePath: "ward/a/1.dat" });
  const found = fromInput([inFolder, new File(["y"], "2.csv")]);
  expect(found.map(({ path }) => path)).toEqual(["ward/a/1.dat", "2.csv"]);
});
