import { useSearchParams } from "react-router";
import type { RecordingsFilter } from "@/api/recordings";
import { kept, listIn, type RecordingList } from "@/lib/recordingList";

export type SortColumn = NonNullable<RecordingsFilter["sort"]>;
export type Listed = { list: RecordingList; page: number };

/** What the table shows, kept in the address so that going back shows the same again. */
export function useFilter(): [Listed, (change: RecordingList, page?: number) => void, (list: RecordingList) => void] {
  const [params, setParams] = useSearchParams();
  const list = listIn(params);
  const page = Math.max(1, Number.parseInt(params.get("page") ?? "1", 10) || 1);
  const show = (next: RecordingList, at = 1) =>
    setParams({ ...kept(next), ...(at > 1 ? { page: String(at) } : {}) }, { replace: true, preventScrollReset: true });
  return [{ list, page }, (change, at) => show({ ...list, ...change }, at), show];
}
