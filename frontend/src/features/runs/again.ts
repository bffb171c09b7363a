/** The form of a training that is to be run again: what was asked for then, as far as it is still there. */

import { t } from "@lingui/core/macro";
import type { Run } from "@/api/types";
import { basesOf, type Choices, initialForm, type RunForm, startFrom, type Testing, testedLike } from "./form";
import { architectureOf, flatten, usualSettings } from "./settings-in-effect";

type Kept = Record<string, unknown>;

/** `lost` says in words what of it cannot be had any more; something else is chosen in its place. */
export type Again = { form: RunForm; lost: string[] };

export function formOf(run: Run, choices: Choices): Again {
  const { datasets, system, models } = choices;
  const dataset = datasets.find(({ id }) => id === run.dataset_id);
  const base = basesOf(models).find(({ id }) => id === run.base_model_id);
  const from = run.facts.base as { name?: string } | null | undefined;
  const fresh = initialForm(choices, base?.id);
  const architecture = architectureOf(from ? fresh.architecture : run.architecture, system, base);
  const settings = run.settings as Record<string, Kept | undefined>;
  const { method, ...training } = Object.fromEntries(flatten(settings.training ?? {}));
  const usual = usualSettings(system, base, architecture);
  const changed = Object.entries(training).filter(([name, value]) => name in usual && value !== usual[name]);
  const sameStart = Boolean(base) || (!from && architecture !== undefined);
  const form: RunForm = {
    ...fresh,
    ...(dataset ? { datasetId: dataset.id, ...testedLike(dataset) } : {}),
    // A name that the platform had given says what is trained on what, and is given anew.
    name: run.name.endsWith(` on ${run.facts.dataset}`) ? "" : run.name,
    labels: chosenLabels(run, dataset?.labels ?? []),
    ...startFrom(base, system),
    ...(base && typeof method === "string" && base.methods.includes(method) ? { method } : {}),
    architecture: architecture?.name ?? fresh.architecture,
    options: sameStart && !base ? numbers(settings.architecture_config ?? {}, architecture?.config) : {},
    training: sameStart ? Object.fromEntries(changed) : {},
    ...(base ? {} : preprocessingOf(settings.preprocessing, architecture?.preprocessing)),
    ...splitOf(run, dataset !== undefined),
  };
  return { form, lost: lostOf(run, dataset !== undefined, sameStart) };
}

/** Empty where all labels of the table were learned. */
function chosenLabels(run: Run, now: readonly string[]): string[] {
  const labels = (run.facts.labels as string[] | undefined) ?? [];
  const known = labels.filter((label) => now.includes(label));
  return known.length === now.length ? [] : known;
}

function numbers(options: Kept, usual: Kept = {}): Record<string, number> {
  const changed = Object.entries(options).filter(([name, value]) => typeof value === "number" && value !== usual[name]);
  return Object.fromEntries(changed) as Record<string, number>;
}

/** A preset by its name, any other preprocessing as it was; neither where it is the usual one. */
function preprocessingOf(value: Kept = {}, usual: Kept = {}): Pick<RunForm, "preset" | "custom"> {
  const preset = String(value.preset ?? "custom");
  if (preset === usual.preset && preset !== "custom") return { preset: null, custom: null };
  if (preset !== "custom") return { preset, custom: null };
  const { version: _, ...custom } = value;
  const same = Object.entries(custom).every(([name, one]) => JSON.stringify(one) === JSON.stringify(usual[name]));
  return { preset: null, custom: same ? null : custom };
}

type Split = Pick<
  RunForm,
  "testing" | "foldsBy" | "folds" | "repeats" | "splitSeed" | "sameSpellings" | "testFold" | "validationFold" | "shares"
>;

function splitOf(run: Run, sameTable: boolean): Partial<Split> {
  const split = ((run.settings as Kept).split ?? {}) as Kept;
  const number = (name: string) => (typeof split[name] === "number" ? (split[name] as number) : null);
  const shares = { train: number("train"), validation: number("validation"), test: number("test") };
  const common = {
    splitSeed: number("split_seed"),
    sameSpellings: split.spellings !== "different",
    shares: Object.values(shares).some((share) => share !== null) ? shares : null,
  };
  if (split.kind === "column") {
    // Its folds are those of that table.
    return sameTable
      ? { ...common, testing: "column", testFold: number("test_fold"), validationFold: number("validation_fold") }
      : common;
  }
  const testing: Testing = run.how_tested?.automatic
    ? "auto"
    : split.method === "cross_validation"
      ? "cross_validation"
      : "holdout";
  const foldsBy = run.how_tested?.folds_by ?? "patient";
  const folds = testing === "cross_validation" ? { foldsBy, folds: number("folds"), repeats: number("repeats") } : {};
  return { ...common, testing, ...folds };
}

function lostOf(run: Run, hasTable: boolean, sameStart: boolean): string[] {
  const name = String(run.facts.dataset ?? "");
  const base = String((run.facts.base as { name?: string } | null | undefined)?.name ?? run.architecture);
  return [
    ...(hasTable ? [] : [t`The label table “${name}” is not there any more. Choose another one.`]),
    ...(sameStart
      ? []
      : [t`The model “${base}” is not there any more, or not offered for training. Choose what to start from.`]),
  ];
}
