/** A list of recordings as the address of the page has it: what it is filtered and sorted by. Pure. */

import { t } from "@lingui/core/macro";
import { cellWords } from "./cellList";
import { decimal } from "./format";
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
  "evaluation_id",
  "run_id",
  "evaluated_label",
  "cell",
  "predicted_label",
  "threshold",
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

/** The recordings of a cell of an evaluation as a list like any other, such as one that is labelled. */
export function cellAsList(
  evaluation: string,
  asked: { label: string; cell?: string | null; predicted_label?: string | null; threshold?: number | null },
): RecordingList {
  return {
    evaluation_id: evaluation,
    evaluated_label: asked.label,
    ...(asked.predicted_label ? { predicted_label: asked.predicted_label } : { cell: asked.cell ?? "" }),
    ...(typeof asked.threshold === "number" ? { threshold: String(asked.threshold) } : {}),
  };
}

/** Which cell of an evaluation or a training is meant: with it one filter. */
const OF_CELL: readonly ListKey[] = ["evaluated_label", "cell", "predicted_label", "threshold"];

/** How many filters there are, not counting the search. */
export function filterCount(list: RecordingList): number {
  const uncounted: readonly string[] = ["search", ...ORDER, ...OF_CELL];
  const keys = Object.keys(kept(list)).filter((key) => !uncounted.includes(key));
  return keys.length;
}

/** What a model has seen of recordings, in the words of the API and of people. */
export const SEEN_WORDS: Record<string, string> = {
  training: t`learned from by a model`,
  validation: t`in the validation of a model`,
  test: t`in the test of a model`,
  no: t`not seen by a model`,
  "not known": t`perhaps seen by a model`,
};

/** What the recordings of a list have in common, in a few words; empty for all of them. */
export function listWords(list: RecordingList): string {
  const sex = { F: t`female`, M: t`male` }[list.sex ?? ""];
  const words = [
    list.search && `“${list.search}”`,
    list.label,
    list.and_label,
    list.predicted && predictedAs(list.predicted),
    list.disagreement && t`disagreements`,
    list.finding?.replaceAll("_", " "),
    list.findings_only && t`with findings`,
    { good: t`good quality`, doubtful: t`doubtful quality` }[list.quality ?? ""],
    sex,
    years(list.age_min, list.age_max),
    span(list.recorded_from, list.recorded_until),
    list.device,
    list.rate && `${decimal(list.rate)} Hz`,
    list.format,
    list.dataset_id && !list.label && t`with a row in a label table`,
    (list.evaluation_id || list.run_id) && cellOf(list),
    list.seen_by && SEEN_WORDS[list.seen ?? "training"],
    list.patient_id && ofPatient(list.patient_id),
    list.import_id &&
      [t`of an import`, STATUSES[list.import_status ?? ""] ?? list.import_status].filter(Boolean).join(", "),
    list.prediction_id && !list.predicted && !list.disagreement && t`of a prediction`,
  ];
  return words.filter(Boolean).join(", ");
}

function cellOf({ evaluated_label: label = "", cell, predicted_label: predicted }: RecordingList): string {
  return cellWords({ label, ...(cell ? { cell } : {}), ...(predicted ? { predicted } : {}) });
}

const predictedAs = (label: string) => t`predicted ${label}`;
const ofPatient = (id: string) => t`patient ${id}`;

/** What became of a file, as the API says it. */
const STATUSES: Record<string, string> = {
  imported: t`imported`,
  updated: t`updated`,
  duplicate: t`duplicate`,
  refused: t`refused`,
};

function years(low: string | undefined, high: string | undefined): string {
  if (low && high) return t`${low}–${high} years`;
  if (low) return t`from ${low} years`;
  return high ? t`up to ${high} years` : "";
}

/** From day to day, or from one on, or until one. */
function span(from: string | undefined, until: string | undefined): string {
  if (from && until) return `${from}–${until}`;
  if (from) return t`from ${from}`;
  return until ? t`up to ${until}` : "";
}
