/** The form of a new training as plain values, and the request it becomes. */

import type { Architecture, Dataset, Model, RunIn, System } from "@/api/types";
import { choicesOf, hasEffect, methodsFor, networkOf, usualSettings } from "./suits";

export type Value = string | number | boolean | null;

export type RunForm = {
  datasetId: string;
  name: string;
  labels: string[]; // empty: all
  /** The model to fine-tune; null: a fresh network. */
  baseId: string | null;
  /** How the base model is fine-tuned; without one it is from scratch. */
  method: string;
  /** null: what suits the network. */
  preset: string | null;
  splitKind: "random" | "column";
  testFold: number | null;
  validationFold: number | null;
  architecture: string;
  /** Options of the architecture changed from their defaults. */
  options: Record<string, number>;
  /** Settings changed from what is usual, under their path, such as "augmentation.noise". */
  training: Record<string, Value>;
};

/** What there is to choose from. */
export type Choices = { datasets: readonly Dataset[]; system: System; models: readonly Model[] };

const DEFAULT_METHOD = "head_then_all";

/** The models of the project that a training can start from. */
export function basesOf(models: readonly Model[]): Model[] {
  return models.filter((model) => model.for_training && model.methods.some((name) => name !== "scratch"));
}

export function initialForm(choices: Choices, baseId: string | null = null): RunForm {
  const { datasets, system, models } = choices;
  const [dataset] = datasets;
  const form: RunForm = {
    datasetId: dataset?.id ?? "",
    name: "",
    labels: [],
    baseId: null,
    method: DEFAULT_METHOD,
    preset: null,
    splitKind: dataset?.split_column ? "column" : "random",
    testFold: null,
    validationFold: null,
    architecture: (system.architectures.find(({ recommended }) => recommended) ?? system.architectures[0])?.name ?? "",
    options: {},
    training: {},
  };
  return {
    ...form,
    ...startFrom(
      basesOf(models).find(({ id }) => id === baseId),
      system,
    ),
  };
}

/** The change that choosing a base model, or none, makes: its methods are not those of another. */
export function startFrom(base: Model | undefined, system: System): Pick<RunForm, "baseId" | "method"> {
  const names = methodsFor(base, system).map(({ name }) => name);
  return {
    baseId: base?.id ?? null,
    method: names.includes(DEFAULT_METHOD) ? DEFAULT_METHOD : (names[0] ?? DEFAULT_METHOD),
  };
}

/** What of the choices the form points to. */
export type Chosen = { dataset?: Dataset; base?: Model; network?: Architecture };

export function chosenIn(form: RunForm, { datasets, system, models }: Choices): Chosen {
  const base = models.find(({ id }) => id === form.baseId);
  return { dataset: datasets.find(({ id }) => id === form.datasetId), base, network: networkOf(form, system, base) };
}

export type Shown = { path: string; usual: Value; value: Value; words: readonly string[] };

/** The settings that have an effect as things stand, with what is usual and what is chosen. */
export function shownSettings(form: RunForm, choices: Choices): Shown[] {
  const { dataset, base, network } = chosenIn(form, choices);
  const usual = usualSettings(choices.system, base, network);
  const values = Object.fromEntries(usual);
  Object.assign(values, form.training);
  const regression = dataset?.task === "regression";
  const situation = {
    method: base ? form.method : "scratch",
    fixedWindow: base !== undefined,
    convex: network?.convex ?? false,
    regression,
    values,
  };
  return usual
    .filter(([path]) => hasEffect(path, situation))
    .map(([path, value]) => ({
      path,
      usual: value,
      value: values[path] ?? null,
      words: choicesOf(choices.system, path, regression),
    }));
}

/** The request: only what differs from the usual is in it. */
export function toRequest(form: RunForm, choices: Choices): RunIn {
  const { base, network } = chosenIn(form, choices);
  const changed = shownSettings(form, choices).filter(({ value, usual }) => value !== usual);
  const split: RunIn["split"] = {
    kind: form.splitKind,
    train: 0.7,
    validation: 0.1,
    test: 0.2,
    ...(form.splitKind === "column" && { test_fold: form.testFold, validation_fold: form.validationFold }),
  };
  const options = Object.entries(form.options).filter(([name, value]) => value !== network?.config[name]);
  return {
    dataset_id: form.datasetId,
    name: form.name.trim(),
    labels: form.labels.length > 0 ? form.labels : null,
    base_model_id: base?.id ?? null,
    architecture: base ? null : form.architecture,
    architecture_config: base ? {} : Object.fromEntries(options),
    preprocessing: base || form.preset === null ? null : { preset: form.preset },
    split,
    training: {
      ...(base && { method: form.method }),
      ...unflatten(Object.fromEntries(changed.map(({ path, value }) => [path, value]))),
    },
  };
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
