import { useSearchParams } from "react-router";
import type { RecordingsFilter } from "@/api/recordings";

export type SortColumn = NonNullable<RecordingsFilter["sort"]>;
export type Filter = {
  search: string;
  sort: SortColumn;
  order: "asc" | "desc";
  page: number;
  label: string;
  findingsOnly: boolean;
};

const COLUMNS: readonly SortColumn[] = ["file_name", "created_at", "rate", "duration", "age", "label", "patient_id"];

/** What the table shows, kept in the address so that going back shows the same again. */
export function useFilter(): [Filter, (change: Partial<Filter>) => void] {
  const [params, setParams] = useSearchParams();
  const filter: Filter = {
    search: params.get("search") ?? "",
    sort: COLUMNS.find((column) => column === params.get("sort")) ?? "file_name",
    order: params.get("order") === "desc" ? "desc" : "asc",
    page: Math.max(1, Number.parseInt(params.get("page") ?? "1", 10) || 1),
    label: params.get("label") ?? "",
    findingsOnly: params.get("findings") === "1",
  };
  const change = (wanted: Partial<Filter>) => {
    const next = { ...filter, page: 1, ...wanted };
    const entries: [string, string, string][] = [
      ["search", next.search, ""],
      ["sort", next.sort, "file_name"],
      ["order", next.order, "asc"],
      ["page", String(next.page), "1"],
      ["label", next.label, ""],
      ["findings", next.findingsOnly ? "1" : "", ""],
    ];
    setParams(
      Object.fromEntries(entries.filter(([, value, usual]) => value !== usual).map(([key, value]) => [key, value])),
      {
        replace: true,
        preventScrollReset: true,
      },
    );
  };
  return [filter, change];
}
