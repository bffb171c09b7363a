import { expect, test } from "vitest";
import { stem, toChunks } from "./chunks";
import type { PathFile } from "./files";

const file = (path: string, size = 10): PathFile => ({ path, file: { size, name: path } as File });
const paths = (chunks: PathFile[][]) => chunks.map((chunk) => chunk.map(({ path }) => path));

test("a header travels with its signal, wherever it stands in the list", () => {
  const files = [file("a/2.dat"), file("a/1.hea"), file("b/1.hea"), file("a/1.dat"), file("a/2.hea"), file("b/1.dat")];
  for (const chunk of paths(toChunks(files, 2))) {
    expect(chunk).toHaveLength(2);
    expect(new Set(chunk.map(stem)).size).toBe(1);
  }
});

test("a record is never parted, even where one of its files would still fit", () => {
  const pairs = ["1.dat", "1.hea", "2.dat", "2.hea", "3.dat", "3.hea"].map((name) => file(name));
  const whole = [
    ["1.dat", "1.hea"],
    ["2.dat", "2.hea"],
    ["3.dat", "3.hea"],
  ];
  expect(paths(toChunks(pairs, 3))).toEqual(whole);
  expect(paths(toChunks(pairs, 64, 35))).toEqual(whole);
});

test("chunks keep to the limits of files and bytes, and lose nothing", () => {
  const files = Array.from({ length: 1000 }, (_, i) => file(`r${i}.csv`, 1000 + i));
  const chunks = toChunks(files, 64, 50_000);
  expect(chunks.flat()).toHaveLength(1000);
  expect(new Set(chunks.flat().map(({ path }) => path)).size).toBe(1000);
  for (const chunk of chunks) {
    expect(chunk.length).toBeLessThanOrEqual(64);
    expect(chunk.reduce((sum, { file }) => sum + file.size, 0)).toBeLessThanOrEqual(50_000);
  }
});

test("a file larger than a chunk goes alone", () => {
  const chunks = toChunks([file("a.csv", 5), file("big.zip", 500), file("z.csv", 5)], 64, 100);
  expect(paths(chunks)).toEqual([["a.csv"], ["big.zip"], ["z.csv"]]);
});

test("the stem keeps folders and hidden names, and takes one ending off", () => {
  expect(stem("a.b/rec.1.hea")).toBe("a.b/rec.1");
  expect(stem("a.b/noending")).toBe("a.b/noending");
  expect(stem(".hidden")).toBe(".hidden");
});
