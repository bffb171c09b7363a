import { expect, test } from "vitest";
import { beatsOf, medianBeat } from "./beats";

test("a beat is cut out around its peak, and is missing beyond the ends", () => {
  const samples = Float32Array.from({ length: 10 }, (_, i) => i);
  const [first, second] = beatsOf(samples, 10, [0.1, 0.8], 0.2, 0.3);
  expect([...(first ?? [])]).toEqual([Number.NaN, 0, 1, 2, 3]);
  expect([...(second ?? [])]).toEqual([6, 7, 8, 9, Number.NaN]);
});

test("the median beat keeps what most beats show and drops what a single one does", () => {
  const beats = [Float32Array.of(0, 1, 5), Float32Array.of(0, 1, Number.NaN), Float32Array.of(0, 9, Number.NaN)];
  expect([...medianBeat(beats)]).toEqual([0, 1, Number.NaN]);
  expect([...medianBeat([Float32Array.of(1, 2), Float32Array.of(3, 4)])]).toEqual([2, 3]);
  expect(medianBeat([])).toHaveLength(0);
});
