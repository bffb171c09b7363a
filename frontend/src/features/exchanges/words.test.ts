import { expect, test } from "vitest";
import { metricName, sharedLabels, testText } from "./words";

const score = (value: number | null, low: number | null = null, high: number | null = null) =>
  ({ measure: "macro_auroc", value, low, high, withheld: "" }) as const;

test("how good a model says it is stands with its interval, and one that says nothing is told so", () => {
  expect(testText({ bare: false, score: score(0.9123, 0.88, 0.94) })).toBe("AUROC 0.912 (0.880 to 0.940)");
  expect(testText({ bare: false, score: score(null) })).toBe("AUROC: too few to say");
  expect(testText({ bare: false, score: null })).toBe("not tested");
  expect(testText({ bare: true, score: null })).toBe("tells no results");
});

test("labels are shared whatever their case", () => {
  expect(sharedLabels(["Norm", "MI", "AF"], ["NORM", "mi"])).toEqual(["Norm", "MI"]);
});

test("a number that has no plainer name keeps its own", () => {
  expect(metricName("macro_auroc")).toBe("AUROC, mean over labels");
  expect(metricName("brier_score")).toBe("brier score");
});
