import type { Recording } from "@/api/types";
import { hertz, seconds } from "@/lib/format";
import { labelsOf } from "@/lib/labels";
import type { SortColumn } from "./useFilter";

export type Column = { title: string; sort?: SortColumn; text: (recording: Recording) => string };

/** The columns after the file name. */
export const COLUMNS: readonly Column[] = [
  { title: "Label", sort: "label", text: (recording) => labelsOf(recording).join(", ") },
  { title: "Duration", sort: "duration", text: (recording) => seconds(recording.duration_s) },
  { title: "Sampling rate", sort: "rate", text: (recording) => hertz(recording.rate) },
  { title: "Patient", sort: "patient_id", text: (recording) => recording.patient_id ?? "" },
  { title: "Age, sex", sort: "age", text: ageAndSex },
  { title: "Format", text: (recording) => recording.format },
];

export function ageAndSex({ age, sex }: Recording): string {
  const word = sex === "F" ? "female" : sex === "M" ? "male" : "";
  return [age === null ? "" : String(Math.round(age)), word].filter(Boolean).join(", ");
}
