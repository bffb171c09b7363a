/** What is said of models in an exchange, and of the keys that they are signed with. */

import { t } from "@lingui/core/macro";
import type { ExchangeModel } from "@/api/types";
import type { Tone } from "@/components/Note";
import { decimal, hertz, score } from "@/lib/format";

export const TASKS: Record<NonNullable<ExchangeModel["task"]>, string> = {
  single_label: t`one label of several`,
  multi_label: t`any of several labels`,
  regression: t`values`,
};

type Signature = ExchangeModel["signature"];

/** What is known of the key under the name of the publisher, in a word or two. */
export const SIGNATURES: Record<Signature, { tone: Tone; text: string }> = {
  trusted: { tone: "good", text: t`trusted key` },
  new: { tone: "info", text: t`new key` },
  // Not translated: a word of the API
  "another key": { tone: "bad", text: t`another key than before` },
  refused: { tone: "bad", text: t`refused key` },
  unsigned: { tone: "warn", text: t`unverified` },
};

/** "AUROC 0.912 (0.880 to 0.941)", or why there is none. */
export function testText(model: Pick<ExchangeModel, "score" | "bare">): string {
  const own = model.score;
  if (!own) return model.bare ? t`tells no results` : t`not tested`;
  const name = own.measure === "macro_r2" ? "R²" : "AUROC";
  if (own.value === null) return t`${name}: too few to say`;
  return `${name} ${valueText(own.value, own.low, own.high)}`;
}

/** "0.912 (0.880 to 0.941)", without an interval the value alone. */
export function valueText(measured: number, from: number | null, to: number | null): string {
  const value = score(measured);
  if (from === null || to === null) return value;
  const [low, high] = [score(from), score(to)];
  return t`${value} (${low} to ${high})`;
}

/** What a model is given: "500 Hz, 10 s". */
export function inputText({ rate, seconds }: Pick<ExchangeModel, "rate" | "seconds">): string {
  return rate ? `${hertz(rate)}, ${seconds === null ? "?" : decimal(String(seconds))} s` : "";
}

/** Names of the numbers that a listing holds, where they have plainer ones. */
export function metricName(name: string): string {
  return METRICS[name] ?? name.replaceAll("_", " ");
}

const METRICS: Record<string, string> = {
  macro_auroc: t`AUROC, mean over labels`,
  macro_auprc: t`AUPRC, mean over labels`,
  macro_f1: t`F1, mean over labels`,
  weighted_f1: t`F1, weighted`,
  macro_average_precision: t`Average precision, mean over labels`,
  macro_recall: t`Sensitivity, mean over labels`,
  macro_specificity: t`Specificity, mean over labels`,
  accuracy: t`Accuracy`,
  macro_r2: t`R², mean over values`,
  macro_pearson: t`Correlation, mean over values`,
};

/** The labels that two models share, whatever their case. */
export function sharedLabels(one: readonly string[], other: readonly string[]): string[] {
  const known = new Set(other.map((label) => label.toLowerCase()));
  return one.filter((label) => known.has(label.toLowerCase()));
}

/** A reason, which the platform puts behind a colon, as a sentence of its own. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
