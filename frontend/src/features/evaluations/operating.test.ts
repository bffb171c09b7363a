import { expect, test } from "vitest";
import type { LabelOutputs } from "@/api/types";
import {
  type Cells,
  cellsAt,
  cellsOf,
  effectiveAt,
  histogram,
  predictiveValues,
  rate,
  ratesOf,
  STEPS,
} from "./operating";

/** How many outputs reach each k / 1000, counted one by one. */
const reach = (outputs: number[]) =>
  Array.from({ length: STEPS + 1 }, (_, k) => outputs.filter((output) => output >= k / STEPS).length);
const [present, absent] = [
  [0.9, 0.5, 0.4999, 0.02],
  [0.6, 0.3, 0.1, 0, 0, 1],
];
const outputs = {
  label: "MI",
  n_present: present.length,
  n_absent: absent.length,
  present: reach(present),
  absent: reach(absent),
} as LabelOutputs;

test("the cells at a threshold are those of counting", () => {
  expect(cellsAt(outputs, 500)).toEqual({ tp: 2, fp: 2, fn: 2, tn: 4 });
  expect(cellsAt(outputs, 0)).toEqual({ tp: 4, fp: 6, fn: 0, tn: 0 });
  expect(cellsAt(outputs, 1000)).toEqual({ tp: 0, fp: 1, fn: 4, tn: 5 });
  expect(
    cellsOf([
      [70, 3],
      [5, 7],
    ]),
  ).toEqual({ tn: 70, fp: 3, fn: 5, tp: 7 });
});

test("rates have the interval of Wilson and are nothing where there is nobody", () => {
  // scipy.stats.binomtest(7, 10).proportion_ci(method="wilson")
  const seven = rate(7, 10);
  expect(seven?.low).toBeCloseTo(0.3967781, 6);
  expect(seven?.high).toBeCloseTo(0.8922087, 6);
  expect(rate(0, 0)).toBeNull();
  const rates = ratesOf({ tp: 0, fp: 0, fn: 0, tn: 9 });
  expect([rates.sensitivity, rates.ppv]).toEqual([null, null]);
  expect(rates.specificity?.value).toBe(1);
});

const valuesOf = (cells: Cells, prevalence: number) => {
  const { sensitivity, specificity } = ratesOf(cells);
  return predictiveValues(sensitivity, specificity, prevalence);
};

test("where patients have several records, a rate rests on as many as the platform says from each threshold on", () => {
  const effective = { steps: [0, 400], sensitivity: [3, 2.5], specificity: [5, 4], precision: [2, 6], npv: [0, 1] };
  expect(effectiveAt({ effective }, 399)).toEqual({ sensitivity: 3, specificity: 5, precision: 2, npv: 0 });
  expect(effectiveAt({ effective }, 1000)).toEqual({ sensitivity: 2.5, specificity: 4, precision: 6, npv: 1 });
  expect(effectiveAt({ effective: null }, 500)).toBeNull();
  // backend.ml.evaluation.intervals.wilson(0.7, 4)
  expect(rate(7, 10, 4)).toEqual({ value: 0.7, low: expect.closeTo(0.266646, 5), high: expect.closeTo(0.937397, 5) });
  expect(ratesOf({ tp: 7, fp: 0, fn: 3, tn: 5 }, effectiveAt({ effective }, 400)).sensitivity?.low).toBeCloseTo(
    rate(7, 10, 2.5)?.low ?? 0,
    12,
  );
});

test("predictive values follow the prevalence, and at that of the dataset are those counted", () => {
  const cells = { tp: 80, fp: 10, fn: 20, tn: 90 };
  expect(valuesOf(cells, 0.5).ppv?.value).toBeCloseTo(ratesOf(cells).ppv?.value ?? 0, 12);
  expect(valuesOf(cells, 0.5).npv?.value).toBeCloseTo(ratesOf(cells).npv?.value ?? 0, 12);
  expect(valuesOf(cells, 0.01).ppv?.value).toBeCloseTo((0.8 * 0.01) / (0.8 * 0.01 + 0.1 * 0.99), 12);
  expect(valuesOf({ tp: 0, fp: 0, fn: 0, tn: 0 }, 0.01)).toEqual({ ppv: null, npv: null });
  expect(valuesOf({ tp: 0, fp: 0, fn: 20, tn: 90 }, 0.01).ppv).toBeNull();
});

// The same numbers stand in tests/ml/evaluation/test_prevalence.py.
test.each([
  [[80, 10, 20, 90], 0.05, [0.296296, 0.192242, 0.433625], [0.988439, 0.983208, 0.99228]],
  [[10, 0, 0, 87], 0.01, [1, 0.186649, 1], [1, 0.997202, 1]],
  [[9, 2, 1, 85], 0.103, [0.818032, 0.5425, 0.942394], [0.988384, 0.954556, 0.997903]],
  [[0, 3, 12, 50], 0.2, [0, 0, 0.586781], [0.790514, 0.77196, 0.833155]],
])("predictive values have the intervals that the report has: %j at %d", (counts, prevalence, ppv, npv) => {
  const [tp = 0, fp = 0, fn = 0, tn = 0] = counts;
  const found = valuesOf({ tp, fp, fn, tn }, prevalence);
  for (const [rate, wanted] of [
    [found.ppv, ppv],
    [found.npv, npv],
  ] as const) {
    const values = [rate?.value, rate?.low, rate?.high];
    wanted.forEach((value, index) => {
      expect(values[index]).toBeCloseTo(value, 5);
    });
  }
});

test("every output is in one bar", () => {
  expect(histogram(outputs.absent, 10)).toEqual([2, 1, 0, 1, 0, 0, 1, 0, 0, 1]);
  expect(histogram(outputs.present, 10).reduce((sum, n) => sum + n)).toBe(4);
});
