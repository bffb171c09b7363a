/** What a person says of a model whose file leaves it open, as plain values, and the form fields it becomes. */

import type { System } from "@/api/types";

export type FileKind = "package" | "onnx" | "weights";

export type Declaration = {
  labels: string; // one a line, in the order of the outputs
  task: string;
  preset: string;
  rate: number | null; // Hz
  unitsPerMv: string;
  architecture: string;
  /** Options of the architecture that are not as usual. */
  options: Record<string, number>;
  licence: string;
};

const KINDS: Record<string, FileKind> = {
  zip: "package",
  onnx: "onnx",
  safetensors: "weights",
  pt: "weights",
  pth: "weights",
  bin: "weights",
};

/** The kind of a model file by the end of its name; null for what is no model. */
export function kindOf(fileName: string): FileKind | null {
  return KINDS[fileName.toLowerCase().split(".").at(-1) ?? ""] ?? null;
}

export const stemOf = (fileName: string): string => fileName.replace(/\.[^.]+$/, "");

/** What most models are; whoever knows better changes it. */
export function defaultDeclaration(system: System, kind: FileKind): Declaration {
  const architecture = system.architectures.find(({ recommended }) => recommended) ?? system.architectures[0];
  const weights = defaultsOf(system, architecture?.name ?? "");
  return {
    ...weights,
    rate: kind === "weights" ? weights.rate : 100,
    labels: "",
    task: "single_label",
    preset: kind === "weights" ? String(architecture?.preprocessing.preset ?? "clinical") : "exchangeai",
    unitsPerMv: "1",
    licence: "",
  };
}

/** What is usual for the weights of an architecture. */
export function defaultsOf(system: System, name: string): Pick<Declaration, "architecture" | "options" | "rate"> {
  const architecture = system.architectures.find((candidate) => candidate.name === name);
  return { architecture: name, options: {}, rate: Number(architecture?.preprocessing.rate ?? 100) };
}

/** Whether the unit of the signal matters to the model: it does not where amplitudes are standardised. */
export function needsUnit(system: System, preset: string): boolean {
  return system.presets.find(({ name }) => name === preset)?.value.standardise === "none";
}

/** The fields of the request; a declaration that is not shown is not sent. */
export function toFields(
  name: string,
  kind: FileKind,
  declared: Declaration | null,
  system: System,
): Record<string, string> {
  if (!declared) return { name: name.trim() };
  const labels = declared.labels
    .split(/\r?\n/)
    .map((label) => label.trim())
    .filter((label) => label !== "");
  const weights = kind === "weights";
  return {
    name: name.trim(),
    labels: labels.length > 0 ? JSON.stringify(labels) : "",
    task: declared.task,
    preset: declared.preset,
    rate: declared.rate === null ? "" : String(declared.rate),
    units_per_mv: needsUnit(system, declared.preset) ? declared.unitsPerMv : "",
    architecture: weights ? declared.architecture : "",
    architecture_config: weights && Object.keys(declared.options).length > 0 ? JSON.stringify(declared.options) : "",
    licence: declared.licence.trim(),
  };
}
