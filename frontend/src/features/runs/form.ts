/** The form of a new training as plain values, and the request it becomes. */

import type { Dataset, RunIn, System } from "@/api/types";

export type Value = string | number | boolean | null;

export type RunForm = {
  datasetId: string;
  name: string;
  labels: string[]; // empty: all
  preset: string;
  splitKind: "random" | "column";
  testFold: number | null;
  validationFold: number | null;
  architecture: string;
  /** Settings changed from their defaults, under their path, such as "augmentation.noise". */
  training: Record<string, Value>;
};

export function initialForm(datasets: readonly Dataset[], system: System): RunForm {
  const [dataset] = datasets;
  const preset = system.presets.find(({ name }) => name === "clinical") ?? system.presets[0];
  return {
    datasetId: dataset?.id ?? "",
    name: "",
    labels: [],
    preset: preset?.name ?? "",
    splitKind: dataset?.split_column ? "column" : "random",
    testFold: null,
    validationFold: null,
    architecture: system.architectures[0]?.name ?? "",
    training: {},
  };
}

/** Settings as one flat list; `augmentation.noise` is the setting `noise` inside `augmentation`. */
export function flatten(settings: Record<string, unknown>, prefix = ""): [path: string, value: Value][] {
  return Object.entries(settings).flatMap(([key, value]): [string, Value][] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? flatten(value as Record<string, unknown>, `${prefix}${key}.`)
      : [[`${prefix}${key}`, value as Value]],
  );
}

/** The inverse of `flatten`. */
export function unflatten(values: Record<string, Value>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(values)) {
    const keys = path.split(".");
    const last = keys.pop();
    if (last === undefined) continue;
    let place = result;
    for (const key of keys) {
      place[key] ??= {};
      place = place[key] as Record<string, unknown>;
    }
    place[last] = value;
  }
  return result;
}

export function toRequest(form: RunForm): RunIn {
  const split: RunIn["split"] = {
    kind: form.splitKind,
    train: 0.7,
    validation: 0.1,
    test: 0.2,
    ...(form.splitKind === "column" && { test_fold: form.testFold, validation_fold: form.validationFold }),
  };
  return {
    dataset_id: form.datasetId,
    name: form.name.trim(),
    labels: form.labels.length > 0 ? form.labels : null,
    architecture: form.architecture,
    architecture_config: {},
    preprocessing: { preset: form.preset },
    split,
    training: unflatten(form.training),
  };
}
