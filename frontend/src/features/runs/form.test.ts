import { expect, test } from "vitest";
import type { Dataset, Model, System } from "@/api/types";
import { basesOf, type Choices, initialForm, shownSettings, startFrom, toRequest, unflatten } from "./form";
import { foldsOf } from "./SplitChoice";
import { flatten, inOrder } from "./suits";

const DEFAULTS = {
  seed: 1,
  method: "scratch",
  max_epochs: 50,
  learning_rate: null,
  schedule: "exponential",
  gamma: 0.9,
  layer_decay: 0.3,
  windows: true,
  loss: "cross_entropy",
  augmentation: { noise: 0.05, crop_seconds: 2.5, shift: 0 },
};

test("settings are laid flat and put together again", () => {
  const flat = flatten(DEFAULTS);
  expect(flat).toContainEqual(["augmentation.noise", 0.05]);
  expect(unflatten(Object.fromEntries(flat))).toEqual(DEFAULTS);
});

const dataset = { id: "d", split_column: "fold", parts: { "1": 5, "10": 7, "2": 3 } } as unknown as Dataset;
const network = { name: "s4", recommended: false, recipe: {}, config: { depth: 4 }, convex: false };
const system = {
  presets: [{ name: "exchangeai" }, { name: "clinical" }],
  architectures: [
    network,
    { ...network, name: "inception_time", recommended: true, recipe: { max_epochs: 30, augmentation: { noise: 0 } } },
    { ...network, name: "rlign_logistic", convex: true },
  ],
  methods: [
    { name: "scratch", needs_base: false },
    { name: "head", needs_base: true },
    { name: "all", needs_base: true },
    { name: "head_then_all", needs_base: true },
  ],
  training_defaults: DEFAULTS,
  training_choices: [{ setting: "schedule", values: ["exponential", "one_cycle"] }],
} as unknown as System;
const base = {
  id: "m",
  architecture: "s4",
  for_training: true,
  methods: ["scratch", "head", "all", "head_then_all"],
  spec: {},
  recipe: { method: "head_then_all", learning_rate: 0.003, augmentation: { crop_seconds: 5 } },
} as unknown as Model;
const graph = { ...base, id: "g", architecture: "external", methods: ["head"], spec: {} } as Model;
const choices: Choices = { datasets: [dataset], system, models: [base, graph] };

const paths = (form: Parameters<typeof shownSettings>[0], of = choices) =>
  shownSettings(form, of).map(({ path }) => path);

test("the recommended network stands first and is chosen", () => {
  expect(inOrder(system.architectures)[0]?.name).toBe("inception_time");
  expect(toRequest(initialForm(choices), choices)).toMatchObject({
    architecture: "inception_time",
    base_model_id: null,
    preprocessing: null,
  });
});

test("only what was changed is sent", () => {
  const form = initialForm(choices);
  expect(toRequest(form, choices).training).toEqual({});
  const training = { "augmentation.noise": 0.1, max_epochs: 3 };
  const request = toRequest({ ...form, training, preset: "exchangeai", options: { depth: 2 } }, choices);
  expect(request.training).toEqual({ augmentation: { noise: 0.1 }, max_epochs: 3 });
  expect(request.preprocessing).toEqual({ preset: "exchangeai" });
  expect(request.architecture_config).toEqual({ depth: 2 });
});

test("what suits the network is the usual: going back to it sends nothing", () => {
  const form = {
    ...initialForm(choices),
    training: { max_epochs: 30, "augmentation.noise": 0 },
    options: { depth: 4 },
  };
  expect(toRequest(form, choices)).toMatchObject({ training: {}, architecture_config: {} });
  expect(shownSettings(form, choices).find(({ path }) => path === "max_epochs")?.usual).toBe(30);
});

test("a fine-tuning sends base and method, and neither network nor preprocessing of its own", () => {
  const form = initialForm(choices, "m");
  expect(form.method).toBe("head_then_all");
  expect(toRequest({ ...form, preset: "exchangeai", options: { depth: 2 } }, choices)).toMatchObject({
    base_model_id: "m",
    architecture: null,
    architecture_config: {},
    preprocessing: null,
    training: { method: "head_then_all" },
  });
  expect(shownSettings(form, choices).find(({ path }) => path === "augmentation.crop_seconds")?.usual).toBe(5);
  // What is usual is the base model's to say, so that leaving it to the platform is a change.
  expect(shownSettings(form, choices).find(({ path }) => path === "learning_rate")?.usual).toBe(0.003);
  const sought = toRequest({ ...form, training: { learning_rate: null } }, choices);
  expect(sought.training).toEqual({ method: "head_then_all", learning_rate: null });
});

test("a model of which only the head can be trained starts with that method", () => {
  expect(startFrom(graph, system)).toEqual({ baseId: "g", method: "head" });
});

test("models that are not offered, or cannot be fine-tuned, are nothing to start from", () => {
  expect(basesOf([base, { ...base, for_training: false }, { ...base, methods: [] }])).toEqual([base]);
  const hidden = { ...choices, models: [{ ...base, for_training: false }] };
  expect(initialForm(hidden, "m").baseId).toBeNull();
});

test("settings without an effect are neither shown nor sent", () => {
  const fresh = initialForm(choices);
  expect(paths(fresh)).not.toContain("layer_decay");
  expect(paths(fresh)).not.toContain("method");
  expect(paths({ ...fresh, training: { schedule: "one_cycle" } })).not.toContain("gamma");
  const patient = { ...choices, system: { ...system, training_defaults: { monitor: "val_loss", patience: 8 } } };
  expect(paths(fresh, patient)).toContain("patience");
  expect(paths({ ...fresh, training: { monitor: "last_epoch" } }, patient)).not.toContain("patience");
  expect(paths({ ...fresh, training: { "augmentation.crop_seconds": null } })).toContain("augmentation.shift");
  const tuned = initialForm(choices, "m");
  expect(paths(tuned)).toContain("layer_decay");
  expect(paths(tuned)).not.toContain("windows");
  const head = { ...tuned, method: "head", training: { gamma: 0.5, seed: 7, "augmentation.noise": 1 } };
  expect(paths(head)).toEqual(["seed", "loss"]);
  expect(toRequest(head, choices).training).toEqual({ method: "head", seed: 7 });
  expect(paths({ ...fresh, architecture: "rlign_logistic" })).toEqual(["seed", "loss"]);
});

test("values are learned without the settings that are about labels", () => {
  const values = { ...choices, datasets: [{ ...dataset, task: "regression" } as Dataset] };
  expect(paths(initialForm(values), values)).not.toContain("loss");
  const monitor = { setting: "monitor", values: ["val_loss", "macro_auroc", "macro_f1", "last_epoch"] };
  const told = {
    ...values,
    system: { ...system, training_choices: [monitor], training_defaults: { monitor: "val_loss" } },
  };
  const shown = shownSettings(initialForm(told), told).find(({ path }) => path === "monitor");
  expect(shown?.words).toEqual(["val_loss", "last_epoch"]);
});

test("a table with its own split is split by it, unless the person says otherwise", () => {
  const form = initialForm(choices);
  expect(toRequest({ ...form, testFold: 10 }, choices).split).toMatchObject({ kind: "column", test_fold: 10 });
  expect(toRequest({ ...form, splitKind: "random", testFold: 10 }, choices).split).not.toHaveProperty("test_fold");
});

test("folds are numbers in order; words are no folds", () => {
  expect(foldsOf(dataset)).toEqual([1, 2, 10]);
  expect(foldsOf({ ...dataset, split_column: "split", parts: { train: 3 } })).toEqual([]);
});
