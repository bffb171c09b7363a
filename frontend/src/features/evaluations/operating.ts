/** One label told from a threshold on: the four cells, the rates, and the predictive values where it is as common as said. */

import type { Estimate, LabelOutputs } from "@/api/types";

export const STEPS = 1000;

export type Cells = { tp: number; fp: number; fn: number; tn: number };
export type CellName = "true_positive" | "false_positive" | "false_negative" | "true_negative";
export type Rate = { value: number; low: number; high: number };

const Z = 1.959963984540054;

/** The cells at the threshold `step` / 1000, from the counts that the platform has sent. */
export function cellsAt({ present, absent, n_present, n_absent }: LabelOutputs, step: number): Cells {
  const tp = present[step] ?? 0;
  const fp = absent[step] ?? 0;
  return { tp, fp, fn: n_present - tp, tn: n_absent - fp };
}

/** The cells in the matrix of a label, whose rows are absent and present. */
export function cellsOf(matrix: readonly (readonly number[])[]): Cells {
  const [[tn, fp] = [], [fn, tp] = []] = matrix;
  return { tp: tp ?? 0, fp: fp ?? 0, fn: fn ?? 0, tn: tn ?? 0 };
}

export type Effective = { sensitivity: number; specificity: number; precision: number; npv: number };

/** How many independent records each rate at the threshold `step` / 1000 rests on; null where each record is one. */
export function effectiveAt({ effective }: Pick<LabelOutputs, "effective">, step: number): Effective | null {
  if (!effective) return null;
  const { steps, ...numbers } = effective;
  const next = steps.findIndex((from) => from > step);
  const at = (next === -1 ? steps.length : next) - 1;
  const [sensitivity = 0, specificity = 0, precision = 0, npv = 0] = (
    ["sensitivity", "specificity", "precision", "npv"] as const
  ).map((name) => numbers[name][at]);
  return { sensitivity, specificity, precision, npv };
}

/** A share with its 95 % interval (Wilson), or null of nothing. `n` is what it rests on, where patients have several. */
export function rate(hits: number, of: number, n: number = of): Rate | null {
  if (of === 0) return null;
  const p = hits / of;
  const middle = (p + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n);
  const half = (Z / (1 + (Z * Z) / n)) * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  return { value: p, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

export function ratesOf({ tp, fp, fn, tn }: Cells, n: Effective | null = null) {
  return {
    sensitivity: rate(tp, tp + fn, n?.sensitivity),
    specificity: rate(tn, tn + fp, n?.specificity),
    ppv: rate(tp, tp + fp, n?.precision),
    npv: rate(tn, tn + fn, n?.npv),
    prevalence: tp + fp + fn + tn === 0 ? null : (tp + fn) / (tp + fp + fn + tn),
  };
}

/** An estimate of the platform, whose interval takes patients as independent; null where it is withheld. */
export function asRate({ value, low, high }: Pick<Estimate, "value" | "low" | "high">): Rate | null {
  return value === null || low === null || high === null ? null : { value, low, high };
}

/**
 * Predictive values among people of whom the share `prevalence` has it (Bayes), with the intervals of the likelihood
 * ratios (MOVER-R, Donner & Zou 2012), as `backend/ml/evaluation/prevalence.py` has them; null where nobody is told so.
 */
export function predictiveValues(sensitivity: Rate | null, specificity: Rate | null, prevalence: number) {
  if (!sensitivity || !specificity) return { ppv: null, npv: null };
  const odds = prevalence / (1 - prevalence);
  return {
    ppv: share(sensitivity, complement(specificity), odds),
    npv: share(specificity, complement(sensitivity), 1 / odds),
  };
}

const complement = ({ value, low, high }: Rate): Rate => ({ value: 1 - value, low: 1 - high, high: 1 - low });

/** The share that the odds times the ratio above / below amount to. */
function share(above: Rate, below: Rate, odds: number): Rate | null {
  const [a, b] = [above.value, below.value];
  if (a === 0 && b === 0) return null;
  const rootOf = (ofAbove: number, ofBelow: number) =>
    Math.sqrt(Math.max(0, (a * b) ** 2 - ofAbove * ofBelow * (2 * a - ofAbove) * (2 * b - ofBelow)));
  const least = a * b + rootOf(above.low, below.high);
  const low = least > 0 ? (above.low * (2 * a - above.low)) / least : 0;
  const most = below.low * (2 * b - below.low);
  const high = most > 0 ? (a * b + rootOf(above.high, below.low)) / most : Number.POSITIVE_INFINITY;
  const of = (ratio: number) => (Number.isFinite(ratio) ? (ratio * odds) / (1 + ratio * odds) : 1);
  return { value: of(b > 0 ? a / b : Number.POSITIVE_INFINITY), low: of(low), high: of(high) };
}

/** How many outputs lie in each of `bars` equal stretches from 0 to 1; `reach[k]` are those of at least k / 1000. */
export function histogram(reach: readonly number[], bars = 40): number[] {
  const width = STEPS / bars;
  return Array.from({ length: bars }, (_, bar) => {
    const from = reach[bar * width] ?? 0;
    return bar === bars - 1 ? from : from - (reach[(bar + 1) * width] ?? 0);
  });
}
