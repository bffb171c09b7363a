/** What suits a network or a base model: its usual settings, its methods, and which settings have an effect. */

import type { Architecture, Model, System } from "@/api/types";
import type { RunForm, Value } from "./form";

/** The architecture that will be trained; none known where the base model is a graph from elsewhere. */
export function networkOf(
  form: Pick<RunForm, "architecture">,
  system: System,
  base: Model | undefined,
): Architecture | undefined {
  const name = base ? base.architecture : form.architecture;
  return system.architectures.find((entry) => entry.name === name);
}

/** The recommended one first, the others as the platform lists them. */
export function inOrder(architectures: readonly Architecture[]): Architecture[] {
  return [...architectures].sort((a, b) => Number(b.recommended) - Number(a.recommended));
}

/** The ways in which a base model can be fine-tuned. */
export function methodsFor(base: Model | undefined, system: System): System["methods"] {
  return system.methods.filter(({ name, needs_base }) => needs_base && base?.methods.includes(name));
}

/** The words that a setting may have; none for a number or a switch. */
export function choicesOf(system: System, path: string, regression: boolean): readonly string[] {
  const words = system.training_choices.find(({ setting }) => setting === path)?.values ?? [];
  return regression && path === "monitor" ? words.filter((word) => OF_VALUES.includes(word)) : words;
}

/** What is trained with where nobody says otherwise: the defaults, with what suits the network over them. */
export function usualSettings(
  system: System,
  base: Model | undefined,
  network: Architecture | undefined,
): [path: string, value: Value][] {
  const values = Object.fromEntries(flatten(system.training_defaults));
  const suiting = base ? base.recipe : (network?.recipe ?? {});
  Object.assign(values, Object.fromEntries(flatten(suiting)));
  return Object.entries(values).filter(([path]) => path !== "method");
}

export type Situation = {
  method: string;
  /** The base model says over which windows it averages. */
  fixedWindow: boolean;
  convex: boolean;
  regression: boolean;
  values: Record<string, Value | undefined>;
};

/** All that a head fitted to its optimum depends on. */
const OF_HEAD = ["monitor", "loss", "class_weights", "seed", "threads"];
/** Settings about labels, of which a regression has none. */
const OF_LABELS = ["loss", "class_weights"];
/** What can count as better where there are no labels. */
const OF_VALUES = ["val_loss", "last_epoch"];

/** Whether a setting changes anything as things stand; one the page does not know is taken to. */
export function hasEffect(path: string, { method, fixedWindow, convex, regression, values }: Situation): boolean {
  if (regression && OF_LABELS.includes(path)) return false;
  if (method === "head" || convex) return OF_HEAD.includes(path) && !(regression && path === "monitor");
  const cropped = values["augmentation.crop_seconds"] !== null;
  switch (path) {
    case "layer_decay":
      return method === "head_then_all";
    case "gamma":
      return values.schedule === undefined || values.schedule === "exponential";
    case "patience": // Each epoch is better than the one before where the last is kept.
      return values.monitor !== "last_epoch";
    case "windows":
      return cropped && !fixedWindow;
    case "augmentation.shift":
      return !cropped;
    default:
      return true;
  }
}

/** Settings as one flat list; `augmentation.noise` is the setting `noise` inside `augmentation`. */
export function flatten(settings: Record<string, unknown>, prefix = ""): [path: string, value: Value][] {
  return Object.entries(settings).flatMap(([key, value]): [string, Value][] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? flatten(value as Record<string, unknown>, `${prefix}${key}.`)
      : [[`${prefix}${key}`, value as Value]],
  );
}
