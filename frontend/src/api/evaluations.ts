import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, apiPath, client } from "./client";
import { whileGoing } from "./going";
import { isOver } from "./jobs";
import type { paths } from "./schema";
import type { EvaluationIn } from "./types";

export type CellQuery = Omit<
  paths["/api/v1/projects/{project_id}/evaluations/{evaluation_id}/recordings"]["get"]["parameters"]["query"],
  "page" | "size"
>;

/** The evaluations of a model, the newest first. */
export const evaluationsQuery = (projectId: string, modelId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "evaluations", modelId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/evaluations", {
          params: { path: { project_id: projectId }, query: { model_id: modelId } },
          signal,
        }),
      ),
    refetchInterval: (query) => whileGoing(query.state.data?.some((item) => !isOver(item.job))),
  });

export const evaluationQuery = (projectId: string, evaluationId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "evaluation", evaluationId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/evaluations/{evaluation_id}", {
          params: { path: { project_id: projectId, evaluation_id: evaluationId } },
          signal,
        }),
      ),
  });

/** A model on several datasets side by side. */
export const sideBySideQuery = (projectId: string, modelId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "evaluations", modelId, "side-by-side"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/evaluations/side-by-side", {
          params: { path: { project_id: projectId }, query: { model_id: modelId } },
          signal,
        }),
      ),
  });

/** The recordings of one cell of a confusion matrix, a page at a time, the surest answers first. */
export const cellQuery = (projectId: string, evaluationId: string, cell: CellQuery, page: number, size: number) =>
  queryOptions({
    queryKey: ["project", projectId, "evaluation", evaluationId, "recordings", cell, page, size],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/evaluations/{evaluation_id}/recordings", {
          params: {
            path: { project_id: projectId, evaluation_id: evaluationId },
            query: { ...cell, page, size },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

export const createEvaluation = (projectId: string, body: EvaluationIn) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/evaluations", { params: { path: { project_id: projectId } }, body }),
  );

/** Where the rows ("csv", "parquet") or the report of an evaluation are downloaded. */
export const exportPath = (projectId: string, evaluationId: string, kind: "csv" | "parquet" | "report") =>
  apiPath("projects", projectId, "evaluations", evaluationId, kind);
