import { expect, test } from "vitest";
import {
  asRegression,
  decimals,
  limitsOfAgreement,
  signed,
  type TargetResult,
  valueText,
  writtenTo,
} from "./regression";

const estimate = (value: number | null) => ({ value, low: null, high: null });

test("values get as many decimals as their spread deserves", () => {
  expect([150, 17, 1.2, 0.05].map(decimals)).toEqual([0, 1, 2, 4]);
  expect(decimals(null)).toBe(2);
  expect(decimals(0)).toBe(2);
});

test("numbers below zero have the sign for minus, and what is rounded to nothing has none", () => {
  expect(signed(-0.42, 1)).toBe("−0.4");
  expect(signed(-0.04, 1)).toBe("0.0");
  expect(writtenTo({ value: -1, low: -2, high: 0.5 }, 1)).toBe("−1.0 (−2.0 to 0.5)");
  expect(writtenTo(estimate(null))).toBe("–");
  expect([55.123456, 40, -1234.5, undefined].map(valueText)).toEqual(["55.12", "40.00", "−1235", "–"]);
});

test("limits of agreement are those of the differences themselves", () => {
  const differences = [3, -1, 4, -1, 5, -9, 2, 6];
  const n = differences.length;
  const bias = differences.reduce((sum, d) => sum + d, 0) / n;
  const rmse = Math.sqrt(differences.reduce((sum, d) => sum + d * d, 0) / n);
  const sd = Math.sqrt(differences.reduce((sum, d) => sum + (d - bias) ** 2, 0) / (n - 1));
  const target = { support: n, bias: estimate(bias), rmse: estimate(rmse) } as TargetResult;
  expect(limitsOfAgreement(target)?.low).toBeCloseTo(bias - 1.96 * sd, 10);
  expect(limitsOfAgreement(target)?.high).toBeCloseTo(bias + 1.96 * sd, 10);
  expect(limitsOfAgreement({ ...target, support: 1 })).toBeNull();
  expect(limitsOfAgreement({ ...target, bias: estimate(null) })).toBeNull();
});

test("results of values are told from those of labels", () => {
  expect(asRegression({ n: 3, classes: [], macro_f1: estimate(1) })).toBeNull();
  expect(asRegression({ n: 3, targets: [], macro_r2: estimate(1) })).not.toBeNull();
  expect(asRegression(null)).toBeNull();
});
