import { t } from "@lingui/core/macro";
import type { Recording } from "@/api/types";
import { hertz, seconds } from "@/lib/format";
import { labelsOf } from "@/lib/labels";
import type { SortColumn } from "./useFilter";

export type Column = {
  title: string;
  sort?: SortColumn;
  sortBy?: string;
  text: (recording: Recording) => string;
};

/** The columns after the file name. */
export const COLUMNS: readonly Column[] = [
  { title: t`Label`, sort: "label", sortBy: t`Sort by label`, text: (recording) => labelsOf(recording).join(", ") },
  {
    title: t`Duration`,
    sort: "duration",
    sortBy: t`Sort by duration`,
    text: (recording) => seconds(recording.duration_s),
  },
  {
    title: t`Sampling rate`,
    sort: "rate",
    sortBy: t`Sort by sampling rate`,
    text: (recording) => hertz(recording.rate),
  },
  {
    title: t`Patient`,
    sort: "patient_id",
    sortBy: t`Sort by patient`,
    text: (recording) => recording.patient_id ?? "",
  },
  { title: t`Age, sex`, sort: "age", sortBy: t`Sort by age, sex`, text: ageAndSex },
  { title: t`Format`, text: (recording) => recording.format },
];

export function ageAndSex({ age, sex }: Recording): string {
  const word = sex === "F" ? t`female` : sex === "M" ? t`male` : "";
  return [age === null ? "" : String(Math.round(age)), word].filter(Boolean).join(", ");
}
