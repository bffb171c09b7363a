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

/** "trained here" or "imported from an ONNX file". */
export function originOf(model: Model): string {
  if (model.origin === "trained") return "trained here";
  return model.source ? `imported from ${SOURCES[model.source] ?? model.source}` : "imported";
}
