/** A list of recordings as the address of the page has it: what it is filtered and sorted by. Pure. */

import { projectPath } from "./paths";

/** The words of the API for it, in the order in which the address has them. */
export const LIST_KEYS = [
  "search",
  "dataset_id",
  "label",
  "and_label",
  "findings_only",
  "finding",
  "quality",
  "format",
  "device",
  "rate",
  "sex",
  "age_min",
  "age_max",
  "recorded_from",
  "recorded_until",
  "patient_id",
  "import_id",
  "import_status",
  "prediction_id",
  "predicted",
  "disagreement",
  "seen_by",
  "seen",
  "sort",
  "order",
] as const;
export type ListKey = (typeof LIST_KEYS)[number];
/** What is not asked for is not there. */
export type RecordingList = Partial<Record<ListKey, string>>;

const ORDER: readonly ListKey[] = ["sort", "order"];
const USUAL: RecordingList = { sort: "file_name", order: "asc" };

/** The list that an address names; other parts of the address are passed over. */
export function listIn(params: URLSearchParams): RecordingList {
  return kept(Object.fromEntries(LIST_KEYS.map((key) => [key, params.get(key) ?? ""])));
}

/** Without what asks for nothing. */
export function kept(list: RecordingList): RecordingList {
  return Object.fromEntries(
    LIST_KEYS.flatMap((key) => (list[key] && list[key] !== USUAL[key] ? [[key, list[key]]] : [])),
  );
}

/** The part of an address that names a list, with its question mark; empty for all recordings by file name. */
export function listAddress(list: RecordingList, more: Record<string, string> = {}): string {
  const text = new URLSearchParams({ ...kept(list), ...more }).toString();
  return text && `?${text}`;
}

/** Where a recording is shown as one of a list. */
export function inList(projectId: string, recordingId: string, list: RecordingList): string {
  return `${projectPath(projectId, "recordings", recordingId)}${listAddress(list)}`;
}

/** How many filters there are, not counting the search. */
export function filterCount(list: RecordingList): number {
  const keys = Object.keys(kept(list)).filter((key) => key !== "search" && !ORDER.includes(key as ListKey));
  return keys.length;
}

/** What a model has seen of recordings, in the words of the API and of people. */
export const SEEN_WORDS: Record<string, string> = {
  training: "learned from by a model",
  validation: "in the validation of a model",
  test: "in the test of a model",
  no: "not seen by a model",
  "not known": "perhaps seen by a model",
};

/** What the recordings of a list have in common, in a few words; empty for all of them. */
export function listWords(list: RecordingList): string {
  const sex = { F: "female", M: "male" }[list.sex ?? ""];
  const words = [
    list.search && `“${list.search}”`,
    list.label,
    list.and_label,
    list.predicted && `predicted ${list.predicted}`,
    list.disagreement && "disagreements",
    list.finding?.replaceAll("_", " "),
    list.findings_only && "with findings",
    { good: "good quality", doubtful: "doubtful quality" }[list.quality ?? ""],
    sex,
    range(list.age_min, list.age_max, " years"),
    range(list.recorded_from, list.recorded_until, ""),
    list.device,
    list.rate && `${list.rate} Hz`,
    list.format,
    list.dataset_id && !list.label && "with a row in a label table",
    list.seen_by && SEEN_WORDS[list.seen ?? "training"],
    list.patient_id && `patient ${list.patient_id}`,
    list.import_id && `of an import${list.import_status ? `, ${list.import_status}` : ""}`,
    list.prediction_id && !list.predicted && !list.disagreement && "of a prediction",
  ];
  return words.filter(Boolean).join(", ");
}

function range(low: string | undefined, high: string | undefined, unit: string): string {
  if (!low && !high) return "";
  if (!high) return `from ${low}${unit}`;
  return low ? `${low}–${high}${unit}` : `up to ${high}${unit}`;
}
