import { queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";
import type { RetentionHoldIn } from "./types";

const of = (projectId: string) => ({ path: { project_id: projectId } });

export const retentionQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "retention"],
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/projects/{project_id}/retention", { params: of(projectId), signal })),
  });

export const retentionHoldsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "retention", "holds"],
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/projects/{project_id}/retention/holds", { params: of(projectId), signal })),
  });

export const previewRetention = (projectId: string, days: number) =>
  answer(
    client.GET("/api/v1/projects/{project_id}/retention/preview", { params: { ...of(projectId), query: { days } } }),
  );

export const putRetention = (projectId: string, days: number, reason: string) =>
  answer(client.PUT("/api/v1/projects/{project_id}/retention", { params: of(projectId), body: { days, reason } }));

export const deleteRetention = (projectId: string) =>
  answer(client.DELETE("/api/v1/projects/{project_id}/retention", { params: of(projectId) }));

export const addRetentionHold = (projectId: string, body: RetentionHoldIn) =>
  answer(client.POST("/api/v1/projects/{project_id}/retention/holds", { params: of(projectId), body }));

export const removeRetentionHold = (projectId: string, holdId: string) =>
  answer(
    client.DELETE("/api/v1/projects/{project_id}/retention/holds/{hold_id}", {
      params: { path: { project_id: projectId, hold_id: holdId } },
    }),
  );
