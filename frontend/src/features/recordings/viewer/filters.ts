/** The choice of a filter as one list: none, clinical ones, and what models read. */

import { t } from "@lingui/core/macro";
import { BANDS, type View } from "./view";

const RAW = "raw";
const MODEL = "model:";

export const filterValue = ({ preprocessing, band }: Pick<View, "preprocessing" | "band">): string =>
  preprocessing === null ? (band ?? RAW) : MODEL + preprocessing;

export function filterChange(value: string): Pick<View, "preprocessing" | "band"> {
  if (value.startsWith(MODEL)) return { preprocessing: value.slice(MODEL.length), band: null };
  return { preprocessing: null, band: BANDS.find((one) => one.value === value)?.value ?? null };
}

/** Values of all filters in the order in which they are gone through. */
export const filterValues = (presets: readonly { name: string }[]): string[] => [
  RAW,
  ...BANDS.map(({ value }) => value),
  ...presets.map(({ name }) => MODEL + name),
];

export const filterGroups = (presets: readonly { name: string }[]) => [
  { group: t`As recorded`, items: [{ value: RAW, label: t`Unfiltered` }] },
  { group: t`Clinical`, items: BANDS.map(({ value, label }) => ({ value: value as string, label })) },
  {
    group: t`As a model reads it`,
    items: presets.map(({ name }) => ({ value: MODEL + name, label: t`Model: ${name}` })),
  },
];
