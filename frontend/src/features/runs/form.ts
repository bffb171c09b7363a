/** The form of a new training as plain values, and the request it becomes. */

import type { Architecture, Dataset, Model, RunIn, System, TrainingSetting } from "@/api/types";
import type { FoldsByValue } from "@/components/FoldsBy";
import { architectureOf, choicesOf, hasEffect, methodsFor, usualSettings, type Value } from "./settings-in-effect";

export type Testing = "auto" | "holdout" | "cross_validation" | "column";

export type RunForm = {
  datasetId: string;
  name: string;
  labels: string[]; // empty: all
  /** The model to fine-tune; null: a new one. */
  baseId: string | null;
  /** How the base model is fine-tuned; without one it is from scratch. */
  method: string;
  /** null: the default of the architecture. */
  preset: string | null;
  /** A preprocessing that is no preset, as an earlier training had it. */
  custom: Record<string, unknown> | null;
  /** Parts of the recordings that train, validate and test, where an earlier training had others than the usual. */
  shares: { train: number | null; validation: number | null; test: number | null } | null;
  /** How it is tested; "auto": one test part, or cross-validation where it would be too small. */
  testing: Testing;
  /** Of cross-validation: by lot, or what comes from one source. */
  foldsBy: FoldsByValue;
  /** Of cross-validation by patient; null: the usual ones. */
  folds: number | null;
  repeats: number | null;
  /** Draws the parts of a random split; null: the usual one. */
  splitSeed: number | null;
  /** Whether identifiers that differ only in how they are written are of one patient. */
  sameSpellings: boolean;
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
    custom: null,
    shares: null,
    ...testedLike(dataset),
    folds: null,
    repeats: null,
    splitSeed: null,
    sameSpellings: true,
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

/** What a table suggests: its own column says who tests, else the number of recordings. */
export function testedLike(dataset: Dataset | undefined): Pick<RunForm, "testing" | "foldsBy"> {
  return { testing: dataset?.split_column ? "column" : "auto", foldsBy: "patient" };
}

/** The change that choosing a base model, or none, makes: its methods are not those of another. */
export function startFrom(base: Model | undefined, system: System): Pick<RunForm, "baseId" | "method"> {
  const names = methodsFor(base, system).map(({ name }) => name);
  // What comes with the platform is a foundation model: with few recordings its last layer alone does best.
  const wanted = base?.origin === "shipped" ? "head" : DEFAULT_METHOD;
  return { baseId: base?.id ?? null, method: names.includes(wanted) ? wanted : (names[0] ?? DEFAULT_METHOD) };
}

/** What of the choices the form points to. */
export type Chosen = { dataset?: Dataset; base?: Model; architecture?: Architecture };

export function chosenIn(form: RunForm, { datasets, system, models }: Choices): Chosen {
  const base = models.find(({ id }) => id === form.baseId);
  return {
    dataset: datasets.find(({ id }) => id === form.datasetId),
    base,
    architecture: architectureOf(form.architecture, system, base),
  };
}

export type ShownSetting = {
  setting: TrainingSetting;
  usual: Value;
  value: Value;
  choices: TrainingSetting["choices"];
};

/** The settings that have an effect as things stand, with what is usual and what is chosen. */
export function shownSettings(form: RunForm, choices: Choices): ShownSetting[] {
  const { dataset, base, architecture } = chosenIn(form, choices);
  const usual = usualSettings(choices.system, base, architecture);
  const method = base ? form.method : "scratch";
  const values: Record<string, Value> = { ...usual, ...form.training, method };
  const situation = {
    task: dataset?.task,
    onlyHead: method === "head" || (architecture?.convex ?? false),
    values,
  };
  return choices.system.training_settings
    .filter((setting) => setting.name !== "method" && hasEffect(setting, situation))
    .map((setting) => {
      const own = usual[setting.name] ?? null;
      const value = values[setting.name] ?? null;
      const offered = choicesOf(setting, situation);
      // What was chosen for another label table may not be offered for this one.
      const possible = offered.length === 0 || offered.some((choice) => choice.value === value);
      return { setting, usual: own, value: possible ? value : own, choices: offered };
    });
}

/** The request: only what differs from the usual is in it. */
export function toRequest(form: RunForm, choices: Choices): RunIn {
  const { base, architecture } = chosenIn(form, choices);
  const changed = shownSettings(form, choices).filter(({ value, usual }) => value !== usual);
  const { testing } = form;
  const bySource = testing === "cross_validation" && form.foldsBy !== "patient";
  const split: RunIn["split"] = {
    method: testing === "column" ? "holdout" : testing,
    kind: testing === "column" ? "column" : "random",
    spellings: form.sameSpellings ? "same" : "different",
    ...(testing !== "column" && form.splitSeed !== null && { split_seed: form.splitSeed }),
    ...(testing === "column" && { test_fold: form.testFold, validation_fold: form.validationFold }),
    ...((testing === "holdout" || testing === "auto") && form.shares),
    folds_by: bySource ? form.foldsBy : "patient",
    ...(testing === "cross_validation" && !bySource && { folds: form.folds, repeats: form.repeats }),
  };
  const options = Object.entries(form.options).filter(([name, value]) => value !== architecture?.config[name]);
  return {
    dataset_id: form.datasetId,
    name: form.name.trim(),
    labels: form.labels.length > 0 ? form.labels : null,
    base_model_id: base?.id ?? null,
    architecture: base ? null : form.architecture,
    architecture_config: base ? {} : Object.fromEntries(options),
    preprocessing: base ? null : (form.custom ?? (form.preset === null ? null : { preset: form.preset })),
    split,
    training: {
      ...(base && { method: form.method }),
      ...unflatten(Object.fromEntries(changed.map(({ setting, value }) => [setting.name, value]))),
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
