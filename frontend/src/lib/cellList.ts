/** The recordings of a cell of a confusion matrix as a list, one of which an address shows. Pure. */

import { t } from "@lingui/core/macro";
import { projectPath } from "./paths";

export type CellList = {
  /** The evaluation, and the project that it belongs to. */
  evaluation: string;
  owner: string;
  label: string;
  cell?: string;
  predicted?: string;
  /** 0 to 1. */
  threshold?: number;
  /** Place in the list, from 1. */
  place: number;
};

/** The cell that an address names, null where it names none. */
export function cellIn(params: URLSearchParams): CellList | null {
  const evaluation = params.get("evaluation");
  const owner = params.get("owner");
  const label = params.get("label");
  if (!evaluation || !owner || label === null) return null;
  const threshold = params.get("threshold");
  return {
    evaluation,
    owner,
    label,
    ...(params.get("cell") ? { cell: params.get("cell") ?? "" } : {}),
    ...(params.get("predicted") ? { predicted: params.get("predicted") ?? "" } : {}),
    ...(threshold !== null && Number.isFinite(Number(threshold)) ? { threshold: Number(threshold) } : {}),
    place: Math.max(1, Number.parseInt(params.get("place") ?? "1", 10) || 1),
  };
}

/** Where a recording is shown as one of a cell. */
export function inCell(projectId: string, recordingId: string, list: CellList): string {
  const entries = Object.entries(list).map(([key, value]) => [key, String(value)]);
  return `${projectPath(projectId, "recordings", recordingId)}?${new URLSearchParams(entries)}`;
}

/** What the API is asked for it. */
export function cellQueryOf({ label, cell, predicted, threshold }: CellList) {
  if (predicted) return { label, predicted_label: predicted };
  return cell ? { label, cell, ...(threshold === undefined ? {} : { threshold }) } : { label };
}

export function cellWords({ label, cell, predicted }: Pick<CellList, "label" | "cell" | "predicted">): string {
  if (predicted) return t`${label}, predicted as ${predicted}`;
  if (cell === "true_positive") return t`true positives of ${label}`;
  if (cell === "false_positive") return t`false positives of ${label}`;
  if (cell === "false_negative") return t`false negatives of ${label}`;
  if (cell === "true_negative") return t`true negatives of ${label}`;
  return t`errors of ${label}`;
}
