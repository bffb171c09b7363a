import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";
import { whileGoing } from "./going";
import type { ComparisonIn } from "./types";

/** The comparisons of a project, the newest first. */
export const comparisonsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "comparisons"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/comparisons", {
          params: { path: { project_id: projectId } },
          signal,
        }),
      ),
    refetchInterval: (query) => whileGoing(query.state.data?.some(({ status }) => status === "running")),
  });

/** One comparison; asked for again and again while its trainings go on. */
export const comparisonQuery = (projectId: string, comparisonId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "comparison", comparisonId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/comparisons/{comparison_id}", {
          params: { path: { project_id: projectId, comparison_id: comparisonId } },
          signal,
        }),
      ),
    refetchInterval: (query) => whileGoing(query.state.data?.status === "running"),
  });

/** What would be compared, and how long it would take; whatever stands in its way is the error. */
export const comparisonEstimateQuery = (projectId: string, body: ComparisonIn) =>
  queryOptions({
    queryKey: ["project", projectId, "comparison-estimate", body],
    queryFn: ({ signal }) =>
      answer(
        client.POST("/api/v1/projects/{project_id}/comparisons/estimate", {
          params: { path: { project_id: projectId } },
          body,
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 30_000,
    gcTime: 60_000,
  });

export const createComparison = (projectId: string, body: ComparisonIn) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/comparisons", { params: { path: { project_id: projectId } }, body }),
  );

const one = (projectId: string, comparisonId: string) => ({
  params: { path: { project_id: projectId, comparison_id: comparisonId } },
});

export const cancelComparison = (projectId: string, comparisonId: string) =>
  answer(client.POST("/api/v1/projects/{project_id}/comparisons/{comparison_id}/cancel", one(projectId, comparisonId)));

export const resumeComparison = (projectId: string, comparisonId: string) =>
  answer(client.POST("/api/v1/projects/{project_id}/comparisons/{comparison_id}/resume", one(projectId, comparisonId)));
