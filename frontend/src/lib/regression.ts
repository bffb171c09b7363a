/** The results of a model that estimates values, as backend/ml/regression.py writes them. */

import type { Estimate } from "./evaluation";

export type TargetResult = {
  label: string;
  support: number;
  /** Of the measured values. */
  mean: number | null;
  sd: number | null;
  mae: Estimate;
  rmse: Estimate;
  bias: Estimate;
  r2: Estimate;
  pearson: Estimate;
  /** (measured, predicted) of some or all of the recordings */
  points: [number, number][];
};

export type Regression = {
  task: "regression";
  n: number;
  drawn_by: "patient" | "record";
  resamples: number;
  targets: TargetResult[];
  macro_r2: Estimate;
  macro_pearson: Estimate;
  notes: string[];
};

/** The results of a regression in a JSON value, or null where there are none. */
export function asRegression(value: unknown): Regression | null {
  if (typeof value !== "object" || value === null) return null;
  const { targets, macro_r2: r2, n } = value as Partial<Regression>;
  return Array.isArray(targets) && typeof r2 === "object" && typeof n === "number" ? (value as Regression) : null;
}

/** How many decimals values of this spread deserve: three significant digits of the standard deviation. */
export function decimals(sd: number | null): number {
  if (!sd || !Number.isFinite(sd)) return 2;
  return Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(sd)))));
}

/** -0.42 -> "−0.42", with the sign for minus; what is rounded to nothing has no sign. */
export function signed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/** "5.4 (4.6 to 6.3)"; without an interval the value alone. */
export function writtenTo(estimate: Estimate, digits = 2): string {
  if (estimate.value === null) return "–";
  const interval = intervalOf(estimate, digits);
  return interval ? `${signed(estimate.value, digits)} (${interval})` : signed(estimate.value, digits);
}

export function intervalOf({ low, high }: Estimate, digits: number): string | null {
  return low === null || high === null ? null : `${signed(low, digits)} to ${signed(high, digits)}`;
}

/**
 * The limits of agreement (Bland and Altman 1986): bias ± 1.96 standard deviations of the differences. Of all test
 * recordings, also where only some of them are drawn: the mean of their squares is the variance and the squared mean.
 */
export function limitsOfAgreement({ support, bias, rmse }: TargetResult): { low: number; high: number } | null {
  if (bias.value === null || rmse.value === null || support < 2) return null;
  const variance = (Math.max(0, rmse.value ** 2 - bias.value ** 2) * support) / (support - 1);
  const half = 1.96 * Math.sqrt(variance);
  return { low: bias.value - half, high: bias.value + half };
}

/** A single predicted value, of whose spread nothing is known: four significant digits. */
export function valueText(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const text = Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(4);
  return text.replace("-", "−");
}
