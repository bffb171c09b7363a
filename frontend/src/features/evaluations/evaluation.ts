/** The results of a model on a test part: which kind they are of, and the numbers that say most. */

import { t } from "@lingui/core/macro";
import type { Evaluation, RegressionEvaluation } from "@/api/types";
import { decimals, digitsOfShare } from "@/lib/format";
import { withInterval } from "./estimate";

/** The results of a model of labels, or null where there are none or others. */
export function asEvaluation(value: unknown): Evaluation | null {
  const task = taskOf(value);
  return task === "single_label" || task === "multi_label" ? (value as Evaluation) : null;
}

/** The results of a model that estimates values, or null where there are none or others. */
export function asRegression(value: unknown): RegressionEvaluation | null {
  return taskOf(value) === "regression" ? (value as RegressionEvaluation) : null;
}

/** Whether thresholds and calibration of a model with these results were chosen on its out-of-fold outputs. */
export function isCrossValidated(value: unknown): boolean {
  return Boolean(asEvaluation(value)?.cross_validation);
}

function taskOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "task" in value ? value.task : null;
}

/** The numbers that say most, with their names; none where nothing is known. A regression has others than labels have. */
export function headlines(value: unknown): [title: string, text: string][] {
  const labels = asEvaluation(value);
  if (labels) {
    const digits = digitsOfShare(labels.n);
    return [
      [t`F1, mean over labels`, withInterval(labels.macro_f1, digits)],
      [t`AUROC, mean over labels`, withInterval(labels.macro_auroc, digits)],
    ];
  }
  const values = asRegression(value);
  if (!values) return [];
  const [target, ...others] = values.targets;
  // Errors are in the unit of the value, so there is no mean of them over several.
  if (target && others.length === 0) {
    return [
      [t`Mean absolute error`, withInterval(target.mae, decimals(target.sd))],
      ["R²", withInterval(target.r2, 2)],
    ];
  }
  return [
    [t`R², mean over values`, withInterval(values.macro_r2, 2)],
    [t`Correlation, mean over values`, withInterval(values.macro_pearson, 2)],
  ];
}
