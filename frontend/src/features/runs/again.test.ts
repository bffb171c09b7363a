import { expect, test } from "vitest";
import type { Dataset, Model, Run, System } from "@/api/types";
import { choice, setting } from "@/test/training";
import { formOf } from "./again";
import { type Choices, initialForm, type RunForm, toRequest } from "./form";

const table = { id: "d", name: "T", task: "single_label", labels: ["A", "B", "C"], split_column: "fold", parts: {} };
const other = { ...table, id: "e", name: "Other", split_column: null };
const system = {
  presets: [{ name: "exchangeai" }, { name: "clinical" }],
  architectures: [
    {
      name: "s4",
      recommended: true,
      recipe: {},
      config: { depth: 4 },
      convex: false,
      preprocessing: { preset: "clinical" },
    },
    {
      name: "net",
      recommended: false,
      recipe: { max_epochs: 30 },
      config: { depth: 6, filters: 32 },
      convex: false,
      preprocessing: { preset: "clinical" },
    },
  ],
  methods: ["head", "all", "head_then_all"].map((name) => ({ name, needs_base: true })),
  training_settings: [
    setting("seed", 1, { needs_epochs: false }),
    setting("method", "scratch", { choices: [choice("scratch"), choice("head")], needs_epochs: false }),
    setting("max_epochs", 50),
    setting("learning_rate", null, { whole: false }),
    setting("augmentation.noise", 0.05),
  ],
} as unknown as System;
const base = {
  id: "m",
  architecture: "s4",
  for_training: true,
  methods: ["head", "all", "head_then_all"],
  spec: {},
  recipe: {},
};
const choices: Choices = {
  datasets: [other, table] as unknown as Dataset[],
  system,
  models: [base as unknown as Model],
};

/** What the platform keeps of a request: every setting, and how it was tested. */
function runOf(form: RunForm, changes: object = {}): Run {
  const request = toRequest(form, choices);
  const usual = { seed: 1, max_epochs: 50, learning_rate: null, augmentation: { noise: 0.05 } };
  const recipe = form.baseId ? {} : system.architectures.find(({ name }) => name === form.architecture)?.recipe;
  const config = system.architectures.find(({ name }) => name === form.architecture)?.config;
  const asked = request.training as Record<string, object>;
  return {
    id: "r",
    dataset_id: form.datasetId,
    base_model_id: form.baseId,
    name: form.name || "Net on T",
    architecture: form.baseId ? "s4" : form.architecture,
    settings: {
      architecture_config: { ...config, ...request.architecture_config },
      preprocessing: request.preprocessing ?? { preset: "clinical" },
      split: Object.fromEntries(Object.entries(request.split ?? {}).filter(([, value]) => value !== null)),
      training: {
        method: "scratch",
        ...usual,
        ...recipe,
        ...asked,
        augmentation: { ...usual.augmentation, ...asked.augmentation },
      },
    },
    facts: {
      dataset: "T",
      labels: form.labels.length > 0 ? form.labels : ["A", "B", "C"],
      base: form.baseId ? { id: form.baseId, name: "Base" } : null,
    },
    how_tested: { method: "holdout", automatic: form.testing === "auto", folds_by: request.split?.folds_by },
    ...changes,
  } as unknown as Run;
}

const usual = initialForm(choices);
const FORMS: Record<string, Partial<RunForm>> = {
  "all as usual": {},
  "everything changed": {
    datasetId: "d",
    name: "Mine",
    labels: ["A", "C"],
    preset: "exchangeai",
    testing: "cross_validation",
    folds: 4,
    repeats: 2,
    splitSeed: 0,
    sameSpellings: false,
    architecture: "net",
    options: { depth: 1, filters: 4 },
    training: { seed: 7, max_epochs: 2, learning_rate: 0.01, "augmentation.noise": 0 },
  },
  "folds by device": { testing: "cross_validation", foldsBy: "device" },
  "parts by a column": { datasetId: "d", testing: "column", testFold: 3, validationFold: 2, architecture: "net" },
  "a base model and one test part": {
    baseId: "m",
    method: "head",
    testing: "holdout",
    splitSeed: 9,
    training: { seed: 3 },
  },
  "own shares and an own preprocessing": {
    testing: "holdout",
    shares: { train: 0.5, validation: 0.2, test: 0.3 },
    custom: { preset: "custom", rate: 250, window_s: 5 },
  },
};

for (const [what, changes] of Object.entries(FORMS)) {
  test(`a training that is run again asks for the same: ${what}`, () => {
    const form = { ...usual, ...changes };
    const again = formOf(runOf(form), choices);
    expect(again.lost).toEqual([]);
    expect(toRequest(again.form, choices)).toEqual(toRequest(form, choices));
  });
}

test("what is not there any more is said, and nothing of it is asked for", () => {
  const noTable = formOf(
    runOf({ ...usual, datasetId: "d", testing: "column", testFold: 3 }, { dataset_id: null }),
    choices,
  );
  expect(noTable.lost).toEqual(["The label table “T” is not there any more. Choose another one."]);
  expect(toRequest(noTable.form, choices).split).toMatchObject({ kind: "random" });
  const tuned = { ...usual, baseId: "m", method: "head", training: { seed: 3 } };
  const noBase = formOf(runOf(tuned, { base_model_id: null }), choices);
  expect(noBase.lost).toHaveLength(1);
  expect(noBase.lost[0]).toContain("“Base”");
  expect(toRequest(noBase.form, choices)).toMatchObject({ base_model_id: null, training: {} });
});

test("labels that the table does not have any more are not asked for", () => {
  const form = { ...usual, datasetId: "d", labels: ["A", "C"] };
  const fewer: Choices = { ...choices, datasets: [{ ...table, labels: ["A", "B"] } as unknown as Dataset] };
  expect(formOf(runOf(form), fewer).form.labels).toEqual(["A"]);
});
