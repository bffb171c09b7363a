import { expect, test } from "vitest";
import { toLines } from "./columns";

const same = (value: number) => value;

test("with a pixel or more a sample every sample is drawn", () => {
  const samples = Float32Array.of(0, 5, -3, 2);
  expect(toLines(samples, 0, 4, (i) => 2 * i, same)).toEqual([[0, 0, 2, 5, 4, -3, 6, 2]]);
});

test("a peak of one sample among thousands is kept", () => {
  const samples = new Float32Array(5000);
  samples[2345] = 9;
  samples[2346] = -7;
  const [line = []] = toLines(samples, 0, 5000, (i) => i / 100, same);
  const values = line.filter((_, index) => index % 2 === 1);
  expect(Math.max(...values)).toBe(9);
  expect(Math.min(...values)).toBe(-7);
  expect(values.length).toBeLessThanOrEqual(4 * 50);
});

test("extremes stay in the order in which they occur", () => {
  const samples = Float32Array.of(0, 8, -8, 1, 0, -8, 8, 1);
  const [line = []] = toLines(samples, 0, 8, (i) => i / 4, same);
  expect(line.filter((_, index) => index % 2 === 1)).toEqual([0, 8, -8, 1, 0, -8, 8, 1]);
});

test("a gap parts the line and is not bridged", () => {
  const samples = Float32Array.of(1, 2, Number.NaN, Number.NaN, 3, 4);
  expect(toLines(samples, 0, 6, same, same)).toEqual([
    [0, 1, 1, 2],
    [4, 3, 5, 4],
  ]);
});

test("a gap inside one pixel column parts the line too", () => {
  const samples = Float32Array.of(1, Number.NaN, 2);
  expect(toLines(samples, 0, 3, (i) => i / 10, same)).toHaveLength(2);
});

test("only the asked-for window is drawn, and a window past the end is empty", () => {
  const samples = Float32Array.of(1, 2, 3, 4);
  expect(toLines(samples, 1, 3, same, same)).toEqual([[1, 2, 2, 3]]);
  expect(toLines(samples, 4, 9, same, same)).toEqual([]);
  expect(toLines(Float32Array.of(Number.NaN), 0, 1, same, same)).toEqual([]);
});
