/** What tables say of a recording, in words: its labels, and its values with their units. */

import { decimal } from "./format";

const WITH_UNIT = /^(.*\S)\s*[([]([^()[\]]+)[)\]]$/;

/** "LVEF (%)", 55 -> "LVEF 55 %"; a name without a unit stands as it is. */
export function valueWithUnit(name: string, value: number): string {
  const [, what = name, unit = ""] = WITH_UNIT.exec(name) ?? [];
  const figure = decimal(String(Number(value.toPrecision(6))).replace("-", "−"));
  return [what, figure, unit].filter(Boolean).join(" ");
}

/** The labels of a recording, then its values. */
export function labelsOf({ labels, values }: { labels?: string[]; values?: Record<string, number> }): string[] {
  return [...(labels ?? []), ...Object.entries(values ?? {}).map(([name, value]) => valueWithUnit(name, value))];
}
