/** Training settings as the platform serves them, for tests. */

import type { TrainingSetting } from "@/api/types";

type Choice = TrainingSetting["choices"][number];

/** A setting that always has an effect, apart from what is said of it. */
export function setting(
  name: string,
  value: TrainingSetting["default"],
  changes: Partial<TrainingSetting> = {},
): TrainingSetting {
  const range = typeof value === "boolean" || changes.choices ? null : { low: 0, high: 1000 };
  return {
    name,
    title: `Title of ${name}`,
    help: `Help of ${name}`,
    default: value,
    low: range?.low ?? null,
    high: range?.high ?? null,
    step: 1,
    whole: true,
    automatic: null,
    choices: [],
    tasks: [],
    needs_epochs: true,
    when: {},
    unless: {},
    ...changes,
  };
}

/** A value to choose, for every task. */
export function choice(value: string, changes: Partial<Choice> = {}): Choice {
  return { value, title: `Title of ${value}`, help: "", tasks: [], needs_epochs: false, ...changes };
}
