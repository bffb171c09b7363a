import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";

export type AuditSearch = { person: string; action: string; project_id: string; recording_id: string };

export const auditQuery = (search: AuditSearch, page: number, size: number) =>
  queryOptions({
    queryKey: ["audit", search, page],
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/audit", { params: { query: { ...search, page, size } }, signal })),
    placeholderData: keepPreviousData,
  });

export const verifyAudit = () => answer(client.POST("/api/v1/audit/verify"));

export function auditExportPath(search: AuditSearch): string {
  return `/api/v1/audit/export?${new URLSearchParams(search)}`;
}
