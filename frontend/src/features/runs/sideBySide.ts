/** Trainings side by side: their letters, and how settings and figures are written. */

import { t } from "@lingui/core/macro";
import type { ComparedFigure, ComparedSetting, Estimate, RunBeside } from "@/api/types";
import { withInterval } from "@/features/evaluations/estimate";
import { MEASURES } from "@/features/evaluations/measures";
import { decimals, digitsOfShare, plain } from "@/lib/format";

/** As many as the platform sets side by side. */
export const FEWEST = 2;
export const MOST = 5;

const LETTERS = ["A", "B", "C", "D", "E"];

/** By which letter a training goes, in its place. */
export function letterAt(place: number): string {
  return LETTERS[place] ?? "?";
}

/** The address of trainings side by side, within a project. */
export function besideQuery(runIds: readonly string[]): string {
  return `?${new URLSearchParams(runIds.map((id) => ["run", id]))}`;
}

export const GROUPS: readonly [ComparedSetting["group"], string][] = [
  ["data", t`Data`],
  ["test", t`Test`],
  ["network", t`Network`],
  ["preprocessing", t`Preprocessing`],
  ["training", t`Training`],
];

/** What the platform says of a value, or the value as it is: a name keeps its underscores. */
export function settingText({ values, words }: ComparedSetting, place: number): string {
  const value = values[place] ?? null;
  const said = words[place];
  if (said) return said;
  if (value === null) return "–";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map((one) => (typeof one === "number" ? plain(one) : one)).join(", ");
  return plain(value);
}

const TITLES: Record<string, string> = {
  macro_auroc: t`AUROC, mean over labels`,
  macro_average_precision: t`AUPRC, mean over labels`,
  macro_f1: t`F1, mean over labels`,
  macro_recall: t`Sensitivity, mean over labels`,
  macro_specificity: t`Specificity, mean over labels`,
  macro_precision: t`PPV, mean over labels`,
  macro_r2: t`R², mean over values`,
  macro_pearson: t`Correlation, mean over values`,
  auroc: "AUROC",
  f1: "F1",
  mae: MEASURES.mae.title,
  r2: MEASURES.r2.title,
};

export function figureTitle({ measure, label }: ComparedFigure): string {
  const title = TITLES[measure] ?? measure;
  return label === null ? title : `${label}: ${title}`;
}

/** A figure with its interval, or why there is none; as exactly as it is known. */
export function figureText(estimate: Estimate | null | undefined, measure: string, { n_tested }: RunBeside): string {
  if (!estimate) return "–";
  const { low, high } = estimate;
  const inUnit = measure === "mae" && low !== null && high !== null;
  return withInterval(estimate, inUnit ? decimals((high - low) * 10) : digitsOfShare(n_tested ?? 0));
}
