/** What is said of models in several places. */

import { t } from "@lingui/core/macro";
import type { Model } from "@/api/types";

const IMPORTED: Record<string, string> = {
  package: t`imported from a model package`,
  onnx: t`imported from an ONNX file`,
  weights: t`imported from PyTorch weights`,
};

/** Whether any method of fine-tuning can be used on it. */
export function canFineTune(model: Model): boolean {
  return model.methods.some((name) => name !== "scratch");
}

/** What a model tells of an ECG, in a line. */
export function outputOf(model: Model, most = 20): string {
  if (!model.has_head) return embeddingText(model.labels.length);
  const first = model.labels.slice(0, most).join(", ");
  const more = model.labels.length - most;
  return more > 0 ? t`${first} and ${more} more` : first;
}

function embeddingText(n: number): string {
  return t`Embedding of ${n} numbers, to start trainings from`;
}

/** "trained here", "comes with the platform" or "imported from an ONNX file". */
export function originOf(model: Model): string {
  if (model.origin === "trained") return t`trained here`;
  if (model.origin === "shipped") return t`comes with the platform`;
  const { source } = model;
  return source ? (IMPORTED[source] ?? t`imported from ${source}`) : t`imported`;
}
