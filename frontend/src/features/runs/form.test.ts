import { expect, test } from "vitest";
import type { Dataset, System } from "@/api/types";
import { flatten, initialForm, toRequest, unflatten } from "./form";
import { foldsOf } from "./SplitChoice";

const DEFAULTS = { seed: 1, learning_rate: null, augmentation: { noise: 0.05, crop_seconds: null } };

test("settings are laid flat and put together again", () => {
  const flat = flatten(DEFAULTS);
  expect(flat).toContainEqual(["augmentation.noise", 0.05]);
  expect(unflatten(Object.fromEntries(flat))).toEqual(DEFAULTS);
});

const dataset = { id: "d", split_column: "fold", parts: { "1": 5, "10": 7, "2": 3 } } as unknown as Dataset;
const system = {
  presets: [{ name: "exchangeai" }, { name: "clinical" }],
  architectures: [{ name: "inception_time" }],
} as unknown as System;

test("only what was changed is sent", () => {
  const form = initialForm([dataset], system);
  expect(toRequest(form).training).toEqual({});
  const request = toRequest({ ...form, training: { "augmentation.noise": 0, max_epochs: 3 } });
  expect(request.training).toEqual({ augmentation: { noise: 0 }, max_epochs: 3 });
  expect(request.preprocessing).toEqual({ preset: "clinical" });
});

test("a table with its own split is split by it, unless the person says otherwise", () => {
  const form = initialForm([dataset], system);
  expect(toRequest({ ...form, testFold: 10 }).split).toMatchObject({ kind: "column", test_fold: 10 });
  expect(toRequest({ ...form, splitKind: "random", testFold: 10 }).split).not.toHaveProperty("test_fold");
});

test("folds are numbers in order; words are no folds", () => {
  expect(foldsOf(dataset)).toEqual([1, 2, 10]);
  expect(foldsOf({ ...dataset, split_column: "split", parts: { train: 3 } })).toEqual([]);
});
