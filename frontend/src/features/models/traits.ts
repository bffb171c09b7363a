/** What is said of models in several places. */

import type { Model } from "@/api/types";

const SOURCES: Record<string, string> = {
  package: "a model package",
  onnx: "an ONNX file",
  weights: "PyTorch weights",
};

/** Whether any method of fine-tuning can be used on it. */
export function canFineTune(model: Model): boolean {
  return model.methods.some((name) => name !== "scratch");
}

/** What a model tells of an ECG, in a line. */
export function outputOf(model: Model, most = 20): string {
  if (!model.has_head) return `Embedding of ${model.labels.length} numbers, to start trainings from`;
  const more = model.labels.length > most ? ` and ${model.labels.length - most} more` : "";
  return model.labels.slice(0, most).join(", ") + more;
}

/** "trained here", "comes with the platform" or "imported from an ONNX file". */
export function originOf(model: Model): string {
  if (model.origin === "trained") return "trained here";
  if (model.origin === "shipped") return "comes with the platform";
  return model.source ? `imported from ${SOURCES[model.source] ?? model.source}` : "imported";
}
