import { expect, test } from "vitest";
import type { TargetResult } from "@/api/types";
import { limitsOfAgreement } from "./agreement";

const estimate = (value: number | null) => ({ value, low: null, high: null, withheld: null });

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
