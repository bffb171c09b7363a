import type { Recording } from "@/api/types";
import { hertz, seconds } from "@/lib/format";
import type { SortColumn } from "./useFilter";

export type Column = { title: string; sort?: SortColumn; text: (recording: Recording) => string };

/** The columns after the file name. */
export const COLUMNS: readonly Column[] = [
  { title: "Label", sort: "label", text: (recording) => (recording.labels ?? []).join(", ") },
  { title: "Length", sort: "duration", text: (recording) => seconds(recording.duration_s) },
  { title: "Rate", sort: "rate", text: (recording) => hertz(recording.rate) },
  { title: "Patient", sort: "patient_id", text: (recording) => recording.patient_id ?? "" },
  { title: "Age, sex", sort: "age", text: ageAndSex },
  { title: "Format", text: (recording) => recording.format },
];

export function ageAndSex({ age, sex }: Recording): string {
  const word = sex === "F" ? "female" : sex === "M" ? "male" : "";
  return [age === null ? "" : String(Math.round(age)), word].filter(Boolean).join(", ");
}
