import { expect, test } from "vitest";
import { asEvaluation, asRegression, headlines, isCrossValidated } from "./evaluation";

test("an evaluation is told from anything else", () => {
  expect(asEvaluation({})).toBeNull();
  expect(asEvaluation(null)).toBeNull();
  expect(asEvaluation({ task: "multi_label" })).not.toBeNull();
  expect(asRegression({ task: "regression" })).not.toBeNull();
  expect(asEvaluation({ task: "regression" })).toBeNull();
  expect(asRegression({ task: "single_label" })).toBeNull();
  expect(asRegression({})).toBeNull();
});

test("values have other headlines than labels: of a single one its error, which has no mean over several", () => {
  const estimate = { value: 0.8123, low: null, high: null };
  const target = {
    label: "age",
    sd: 17,
    mae: { value: 7.25, low: 6, high: 8.4 },
    r2: { value: -0.2, low: null, high: null },
  };
  const evaluation = { task: "regression", n: 9, targets: [target], macro_r2: estimate, macro_pearson: estimate };
  expect(headlines(evaluation)).toEqual([
    ["Mean absolute error", "7.3 (6.0 to 8.4)"],
    ["R²", "−0.20 (no interval)"],
  ]);
  expect(headlines({ ...evaluation, targets: [target, target] }).map(([title]) => title)).toEqual([
    "R², mean over values",
    "Correlation, mean over values",
  ]);
  expect(headlines({})).toEqual([]);
});

test("thresholds of a cross-validated model were chosen out of fold, those of others on validation recordings", () => {
  const folds = { folds: 5, repeats: 1 };
  expect(isCrossValidated({ task: "multi_label", cross_validation: folds })).toBe(true);
  expect(isCrossValidated({ task: "multi_label", cross_validation: null })).toBe(false);
  expect(isCrossValidated({})).toBe(false);
});
