import { expect, test } from "vitest";
import type { Dataset, Model, System, TrainingSetting } from "@/api/types";
import { choice, setting } from "@/test/training";
import {
  basesOf,
  type Choices,
  initialForm,
  type RunForm,
  shownSettings,
  startFrom,
  testedLike,
  toRequest,
  unflatten,
} from "./form";
import { flatten, inOrder } from "./settings-in-effect";

const LABELS: TrainingSetting["tasks"] = ["single_label", "multi_label"];
const SETTINGS = [
  setting("seed", 1, { needs_epochs: false }),
  setting("method", "scratch", { choices: [choice("scratch"), choice("head")], needs_epochs: false }),
  setting("max_epochs", 50),
  setting("learning_rate", null, { automatic: "automatic", whole: false }),
  setting("schedule", "exponential", { choices: [choice("exponential"), choice("one_cycle")] }),
  setting("gamma", 0.9, { when: { schedule: ["exponential"] } }),
  setting("layer_decay", 0.3, { when: { method: ["head_then_all"] } }),
  setting("loss", "cross_entropy", {
    choices: [choice("cross_entropy"), choice("focal"), choice("asymmetric", { tasks: ["multi_label"] })],
    tasks: LABELS,
    needs_epochs: false,
  }),
  setting("patience", 8, { unless: { monitor: ["last_epoch"] } }),
  setting("monitor", "val_loss", {
    choices: [
      choice("val_loss"),
      choice("macro_auroc", { tasks: LABELS }),
      choice("last_epoch", { needs_epochs: true }),
    ],
    needs_epochs: false,
  }),
  setting("windows", true, { when: { method: ["scratch"] }, unless: { "augmentation.crop_seconds": [null] } }),
  setting("augmentation.noise", 0.05),
  setting("augmentation.crop_seconds", 2.5, { automatic: "the whole recording" }),
  setting("augmentation.shift", 0, { when: { "augmentation.crop_seconds": [null] } }),
];

test("settings are laid flat and put together again", () => {
  const grouped = { seed: 1, learning_rate: null, augmentation: { noise: 0.05, crop_seconds: 2.5 } };
  const flat = flatten(grouped);
  expect(flat).toContainEqual(["augmentation.noise", 0.05]);
  expect(unflatten(Object.fromEntries(flat))).toEqual(grouped);
});

const dataset = {
  id: "d",
  task: "single_label",
  split_column: "fold",
  parts: { "1": 5, "10": 7, "2": 3 },
} as unknown as Dataset;
const architecture = { name: "s4", recommended: false, recipe: {}, config: { depth: 4 }, convex: false };
const system = {
  presets: [{ name: "exchangeai" }, { name: "clinical" }],
  architectures: [
    architecture,
    {
      ...architecture,
      name: "inception_time",
      recommended: true,
      recipe: { max_epochs: 30, augmentation: { noise: 0 } },
    },
    { ...architecture, name: "rlign_logistic", convex: true },
  ],
  methods: [
    { name: "scratch", needs_base: false },
    { name: "head", needs_base: true },
    { name: "all", needs_base: true },
    { name: "head_then_all", needs_base: true },
  ],
  training_settings: SETTINGS,
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

const names = (form: RunForm, of = choices) => shownSettings(form, of).map(({ setting }) => setting.name);
const shownAs = (name: string, form: RunForm, of = choices) =>
  shownSettings(form, of).find(({ setting }) => setting.name === name);

test("the recommended architecture stands first and is chosen", () => {
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

test("the recipe of the architecture is the default: going back to it sends nothing", () => {
  const form = {
    ...initialForm(choices),
    training: { max_epochs: 30, "augmentation.noise": 0 },
    options: { depth: 4 },
  };
  expect(toRequest(form, choices)).toMatchObject({ training: {}, architecture_config: {} });
  expect(shownAs("max_epochs", form)?.usual).toBe(30);
});

test("a fine-tuning sends base and method, and neither architecture nor preprocessing of its own", () => {
  const form = initialForm(choices, "m");
  expect(form.method).toBe("head_then_all");
  expect(toRequest({ ...form, preset: "exchangeai", options: { depth: 2 } }, choices)).toMatchObject({
    base_model_id: "m",
    architecture: null,
    architecture_config: {},
    preprocessing: null,
    training: { method: "head_then_all" },
  });
  expect(shownAs("augmentation.crop_seconds", form)?.usual).toBe(5);
  // What is usual is the base model's to say, so that leaving it to the platform is a change.
  expect(shownAs("learning_rate", form)?.usual).toBe(0.003);
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
  expect(names(fresh)).not.toContain("layer_decay");
  expect(names(fresh)).not.toContain("method");
  expect(names({ ...fresh, training: { schedule: "one_cycle" } })).not.toContain("gamma");
  expect(names(fresh)).toContain("patience");
  expect(names({ ...fresh, training: { monitor: "last_epoch" } })).not.toContain("patience");
  expect(names(fresh)).toContain("windows");
  expect(names(fresh)).not.toContain("augmentation.shift");
  expect(names({ ...fresh, training: { "augmentation.crop_seconds": null } })).toContain("augmentation.shift");
  const tuned = initialForm(choices, "m");
  expect(names(tuned)).toContain("layer_decay");
  expect(names(tuned)).not.toContain("windows");
  const head = { ...tuned, method: "head", training: { gamma: 0.5, seed: 7, "augmentation.noise": 1 } };
  expect(names(head)).toEqual(["seed", "loss", "monitor"]);
  expect(toRequest(head, choices).training).toEqual({ method: "head", seed: 7 });
  expect(names({ ...fresh, architecture: "rlign_logistic" })).toEqual(["seed", "loss", "monitor"]);
});

test("only choices that suit the task and the method are offered; a setting with one choice is none", () => {
  const offered = (form: RunForm, of = choices) =>
    Object.fromEntries(shownSettings(form, of).map((shown) => [shown.setting.name, shown.choices.map((c) => c.value)]));
  const form = initialForm(choices);
  expect(offered(form)).toMatchObject({
    loss: ["cross_entropy", "focal"],
    monitor: ["val_loss", "macro_auroc", "last_epoch"],
  });
  const several = { ...choices, datasets: [{ ...dataset, task: "multi_label" } as Dataset] };
  expect(offered(form, several).loss).toContain("asymmetric");
  expect(offered({ ...initialForm(choices, "m"), method: "head" }).monitor).toEqual(["val_loss", "macro_auroc"]);
  const values = { ...choices, datasets: [{ ...dataset, task: "regression" } as Dataset] };
  expect(names(form, values)).not.toContain("loss");
  expect(offered(form, values).monitor).toEqual(["val_loss", "last_epoch"]);
  expect(names({ ...form, architecture: "rlign_logistic" }, values)).toEqual(["seed"]);
});

test("what was chosen for labels is not sent for values", () => {
  const values = { ...choices, datasets: [{ ...dataset, task: "regression" } as Dataset] };
  const form = { ...initialForm(choices), training: { monitor: "macro_auroc", seed: 7 } };
  expect(toRequest(form, choices).training).toEqual({ monitor: "macro_auroc", seed: 7 });
  expect(shownAs("monitor", form, values)?.value).toBe("val_loss");
  expect(toRequest(form, values).training).toEqual({ seed: 7 });
});

test("a table with its own split is split by it, unless the person says otherwise", () => {
  const form = initialForm(choices);
  expect(toRequest({ ...form, testFold: 10 }, choices).split).toMatchObject({ kind: "column", test_fold: 10 });
  expect(toRequest({ ...form, testing: "auto", testFold: 10 }, choices).split).not.toHaveProperty("test_fold");
});

test("a table without a column of its own leaves it to the number of recordings how the model is tested", () => {
  const plain = { ...choices, datasets: [{ ...dataset, split_column: null }] } as Choices;
  const form = initialForm(plain);
  expect(toRequest(form, plain).split).toEqual({
    method: "auto",
    kind: "random",
    spellings: "same",
    folds_by: "patient",
  });
  const folds: RunForm = { ...form, testing: "cross_validation", folds: 4, splitSeed: 3 };
  expect(toRequest(folds, plain).split).toEqual({
    method: "cross_validation",
    kind: "random",
    spellings: "same",
    folds_by: "patient",
    folds: 4,
    repeats: null,
    split_seed: 3,
  });
  const one: RunForm = { ...folds, testing: "holdout" };
  expect(toRequest(one, plain).split).not.toHaveProperty("folds");
});

test("the name, the labels and how it is tested are sent as they stand in the form", () => {
  const form = initialForm(choices);
  expect(toRequest(form, choices)).toMatchObject({
    labels: null, // all of them
    split: { method: "holdout", kind: "column" },
  });
  expect(toRequest({ ...form, name: " Ward 3 ", labels: ["MI", "NORM"] }, choices)).toMatchObject({
    name: "Ward 3",
    labels: ["MI", "NORM"],
  });
});

test("folds by source ask for no numbers of folds or repeats, and go with cross-validation only", () => {
  const plain = { ...choices, datasets: [{ ...dataset, split_column: null }] } as Choices;
  const form: RunForm = { ...initialForm(plain), testing: "cross_validation", foldsBy: "device", folds: 4, repeats: 2 };
  const asked = { method: "cross_validation", kind: "random", spellings: "same", folds_by: "device" };
  expect(toRequest(form, plain).split).toEqual(asked);
  expect(toRequest({ ...form, testing: "holdout" }, plain).split).toHaveProperty("folds_by", "patient");
  expect(testedLike(dataset)).toEqual({ testing: "column", foldsBy: "patient" });
});
