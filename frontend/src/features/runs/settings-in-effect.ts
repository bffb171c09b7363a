/** The settings of an architecture or a base model that have an effect, their defaults, and the methods to choose from. */

import type { Architecture, Dataset, Model, System, TrainingSetting } from "@/api/types";

/** What a setting may be. */
export type Value = string | number | boolean | null;

/** The architecture that will be trained; none known where the base model is a graph from elsewhere. */
export function architectureOf(chosen: string, system: System, base: Model | undefined): Architecture | undefined {
  const name = base ? base.architecture : chosen;
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

/** What is trained with where nobody says otherwise: the defaults, with the recipe of the architecture over them. */
export function usualSettings(
  system: System,
  base: Model | undefined,
  architecture: Architecture | undefined,
): Record<string, Value> {
  const recipe = base ? base.recipe : (architecture?.recipe ?? {});
  return {
    ...Object.fromEntries(system.training_settings.map(({ name, default: value }) => [name, value])),
    ...Object.fromEntries(flatten(recipe)),
  };
}

export type Situation = {
  /** None known where no table of labels is chosen. */
  task: Dataset["task"] | undefined;
  /** The head alone is trained, to its optimum: there are no epochs. */
  onlyHead: boolean;
  /** All settings, the method among them. */
  values: Readonly<Record<string, Value>>;
};

/** Whether a setting changes anything as things stand, as the platform says when it does. */
export function hasEffect(setting: TrainingSetting, situation: Situation): boolean {
  const { values } = situation;
  return (
    isUseful(setting, situation) &&
    Object.entries(setting.when).every(([name, allowed]) => allowed.includes(values[name] ?? null)) &&
    !Object.entries(setting.unless).some(([name, excluded]) => excluded.includes(values[name] ?? null)) &&
    (setting.choices.length === 0 || choicesOf(setting, situation).length > 1)
  );
}

/** The values to choose from as things stand; none for a number or a switch. */
export function choicesOf(setting: TrainingSetting, situation: Situation): TrainingSetting["choices"] {
  return setting.choices.filter((choice) => isUseful(choice, situation));
}

function isUseful(
  { tasks, needs_epochs }: Pick<TrainingSetting, "tasks" | "needs_epochs">,
  { task, onlyHead }: Situation,
): boolean {
  return (tasks.length === 0 || task === undefined || tasks.includes(task)) && !(needs_epochs && onlyHead);
}

/** Settings as one flat list; `augmentation.noise` is the setting `noise` inside `augmentation`. */
export function flatten(settings: Record<string, unknown>, prefix = ""): [path: string, value: Value][] {
  return Object.entries(settings).flatMap(([key, value]): [string, Value][] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? flatten(value as Record<string, unknown>, `${prefix}${key}.`)
      : [[`${prefix}${key}`, value as Value]],
  );
}
