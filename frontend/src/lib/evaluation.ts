/** The results of a model on a test part, as backend/ml/metrics.py writes them. */

import { asRegression, decimals, writtenTo } from "./regression";

export type Estimate = { value: number | null; low: number | null; high: number | null };

export type ClassResult = {
  label: string;
  support: number;
  predicted: number;
  precision: Estimate;
  recall: Estimate;
  specificity: Estimate;
  f1: Estimate;
  auroc: Estimate;
  average_precision: Estimate;
  /** ((true negative, false positive), (false negative, true positive)) */
  confusion: [[number, number], [number, number]];
  /** (false positive rate, true positive rate) */
  roc: [number, number][];
};

export type Evaluation = {
  task: "single_label" | "multi_label";
  n: number;
  drawn_by: "patient" | "record";
  resamples: number;
  thresholds: number[];
  classes: ClassResult[];
  accuracy: Estimate;
  macro_f1: Estimate;
  weighted_f1: Estimate;
  macro_auroc: Estimate;
  confusion: number[][] | null;
  notes: string[];
};

/** The evaluation in a JSON value, or null where there is none. */
export function asEvaluation(value: unknown): Evaluation | null {
  if (typeof value !== "object" || value === null) return null;
  const { classes, macro_f1: f1, n } = value as Partial<Evaluation>;
  return Array.isArray(classes) && typeof f1 === "object" && typeof n === "number" ? (value as Evaluation) : null;
}

/** The numbers that say most, with their names; none where nothing is known. A regression has others than labels have. */
export function headlines(value: unknown): [title: string, text: string][] {
  const labels = asEvaluation(value);
  if (labels) {
    return [
      ["F1, mean over labels", written(labels.macro_f1, 2)],
      ["AUROC, mean over labels", written(labels.macro_auroc, 2)],
    ];
  }
  const values = asRegression(value);
  if (!values) return [];
  const [target, ...others] = values.targets;
  // Errors are in the unit of the value, so there is no mean of them over several.
  if (target && others.length === 0) {
    return [
      ["Mean absolute error", writtenTo(target.mae, decimals(target.sd))],
      ["R²", writtenTo(target.r2)],
    ];
  }
  return [
    ["R², mean over values", writtenTo(values.macro_r2)],
    ["Correlation, mean over values", writtenTo(values.macro_pearson)],
  ];
}

/** "0.812 (0.774–0.849)"; without an interval the value alone. */
export function written(estimate: Estimate, digits = 3): string {
  if (estimate.value === null) return "–";
  const value = estimate.value.toFixed(digits);
  if (estimate.low === null || estimate.high === null) return value;
  return `${value} (${estimate.low.toFixed(digits)}–${estimate.high.toFixed(digits)})`;
}
