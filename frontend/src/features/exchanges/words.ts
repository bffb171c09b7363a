/** What is said of models in an exchange, and of the keys that they are signed with. */

import type { ExchangeModel } from "@/api/types";
import type { Tone } from "@/components/Note";
import { score } from "@/lib/format";

export const TASKS: Record<NonNullable<ExchangeModel["task"]>, string> = {
  single_label: "one label of several",
  multi_label: "any of several labels",
  regression: "values",
};

type Signature = ExchangeModel["signature"];

/** What is known of the key under the name of the publisher, in a word or two. */
export const SIGNATURES: Record<Signature, { tone: Tone; text: string }> = {
  trusted: { tone: "good", text: "trusted key" },
  new: { tone: "info", text: "new key" },
  "another key": { tone: "bad", text: "another key than before" },
  refused: { tone: "bad", text: "refused key" },
  unsigned: { tone: "warn", text: "unverified" },
};

/** "AUROC 0.912 (0.880 to 0.941)", or why there is none. */
export function testText(model: Pick<ExchangeModel, "score" | "bare">): string {
  const own = model.score;
  if (!own) return model.bare ? "tells no results" : "not tested";
  const name = own.measure === "macro_r2" ? "R²" : "AUROC";
  if (own.value === null) return `${name}: too few to say`;
  const interval = own.low === null || own.high === null ? "" : ` (${score(own.low)} to ${score(own.high)})`;
  return `${name} ${score(own.value)}${interval}`;
}

/** Names of the numbers that a listing holds, where they have plainer ones. */
export function metricName(name: string): string {
  return METRICS[name] ?? name.replaceAll("_", " ");
}

const METRICS: Record<string, string> = {
  macro_auroc: "AUROC, mean over labels",
  macro_auprc: "AUPRC, mean over labels",
  macro_f1: "F1, mean over labels",
  weighted_f1: "F1, weighted",
  macro_average_precision: "Average precision, mean over labels",
  macro_recall: "Sensitivity, mean over labels",
  macro_specificity: "Specificity, mean over labels",
  accuracy: "Accuracy",
  macro_r2: "R², mean over values",
  macro_pearson: "Correlation, mean over values",
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
