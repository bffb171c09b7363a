import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { type CellQuery, cellQuery } from "@/api/evaluations";
import { placeQuery } from "@/api/recordings";
import { type CellList, cellIn, cellQueryOf, cellWords, inCell } from "@/lib/cellList";
import { projectPath } from "@/lib/paths";
import { inList, listAddress, listIn, listWords } from "@/lib/recordingList";

/** Recordings of a page of the list. */
export const LIST_SIZE = 50;

export type Step = { projectId: string; recordingId: string; to: string };

/** Where the recording stands in the list one came from; null where it is not in it, or while that is not known. */
export type ListPlace = {
  position: number | null;
  total: number | null;
  /** Position and total are told from a sample. */
  about: boolean;
  previous: Step | null;
  next: Step | null;
  /** What the recordings of the list have in common; empty for all of them. */
  words: string;
  /** Where the list is shown. */
  back: string;
};

/** The list that the address names, and the place of the recording in it. */
export function useListPlace(projectId: string, recordingId: string): ListPlace {
  const [params] = useSearchParams();
  const cell = cellIn(params);
  const ofCell = useCellPlace(projectId, cell);
  const list = listIn(params);
  const place = useQuery({ ...placeQuery(projectId, recordingId, list), enabled: cell === null }).data;
  if (ofCell) return ofCell;
  const step = (id: string | null | undefined) =>
    id ? { projectId, recordingId: id, to: inList(projectId, id, list) } : null;
  const page = Math.ceil((place?.position ?? 1) / LIST_SIZE);
  return {
    position: place?.position ?? null,
    total: place?.total ?? null,
    about: place?.about ?? false,
    previous: step(place?.previous_id),
    next: step(place?.next_id),
    words: listWords(list),
    back: backTo(
      projectId,
      list.import_id,
      list.prediction_id,
      listAddress(list, page > 1 ? { page: String(page) } : {}),
    ),
  };
}

function backTo(
  projectId: string,
  importId: string | undefined,
  predictionId: string | undefined,
  query: string,
): string {
  if (importId) return projectPath(projectId, "imports", importId) + query;
  return projectPath(projectId, ...(predictionId ? ["predictions", predictionId] : ["recordings"])) + query;
}

function useCellPlace(projectId: string, cell: CellList | null): ListPlace | null {
  const row = (place: number) => ({
    ...cellQuery(
      cell?.owner ?? "",
      cell?.evaluation ?? "",
      cell ? (cellQueryOf(cell) as CellQuery) : { label: "" },
      place,
      1,
    ),
    enabled: cell !== null && place > 0,
    placeholderData: undefined,
  });
  const place = cell?.place ?? 0;
  const before = useQuery(row(place - 1));
  const after = useQuery(row(place + 1));
  if (!cell) return null;
  const step = (found: typeof before.data, at: number) => {
    const one = found?.items[0];
    if (!one) return null;
    return {
      projectId: one.project_id,
      recordingId: one.recording_id,
      to: inCell(projectId, one.recording_id, { ...cell, place: at }),
    };
  };
  const shown = new URLSearchParams({
    label: cell.label,
    ...(cell.cell ? { cell: cell.cell } : {}),
    ...(cell.predicted ? { predicted: cell.predicted } : {}),
    ...(cell.threshold === undefined ? {} : { threshold: String(Math.round(cell.threshold * 1000)) }),
  });
  return {
    position: place,
    total: after.data?.total ?? before.data?.total ?? null,
    about: false,
    previous: place > 1 ? step(before.data, place - 1) : null,
    next: step(after.data, place + 1),
    words: cellWords(cell),
    back: `${projectPath(cell.owner, "evaluations", cell.evaluation)}?${shown}`,
  };
}
