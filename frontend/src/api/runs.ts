import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";
import { whileGoing } from "./going";
import { isOver } from "./jobs";
import type { RunIn } from "./types";

/** The runs; asked for again and again while one of them is under way. */
export const runsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "runs"],
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/projects/{project_id}/runs", { params: { path: { project_id: projectId } }, signal })),
    refetchInterval: (query) => whileGoing(query.state.data?.some((run) => !isOver(run.job))),
  });

export const runQuery = (projectId: string, runId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "run", runId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/runs/{run_id}", {
          params: { path: { project_id: projectId, run_id: runId } },
          signal,
        }),
      ),
  });

/** How good a training is on each source, where its folds are sources. */
export const runMistakesQuery = (projectId: string, runId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "run", runId, "mistakes"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/runs/{run_id}/mistakes", {
          params: { path: { project_id: projectId, run_id: runId } },
          signal,
        }),
      ),
  });

export const runSourcesQuery = (projectId: string, runId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "run", runId, "sources"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/runs/{run_id}/sources", {
          params: { path: { project_id: projectId, run_id: runId } },
          signal,
        }),
      ),
  });

/** Trainings side by side; asked for again and again while one of them is under way. */
export const sideBySideQuery = (projectId: string, runIds: readonly string[]) =>
  queryOptions({
    queryKey: ["project", projectId, "runs", "side-by-side", ...runIds],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/runs/side-by-side", {
          params: { path: { project_id: projectId }, query: { run: [...runIds] } },
          signal,
        }),
      ),
    refetchInterval: (query) => whileGoing(query.state.data?.runs.some((run) => !isOver(run.job))),
  });

export const createRun = (projectId: string, body: RunIn) =>
  answer(client.POST("/api/v1/projects/{project_id}/runs", { params: { path: { project_id: projectId } }, body }));

/** How long a training would take; whatever stands in its way is the error. */
export const estimateQuery = (projectId: string, body: RunIn) =>
  queryOptions({
    queryKey: ["project", projectId, "estimate", body],
    queryFn: ({ signal }) =>
      answer(
        client.POST("/api/v1/projects/{project_id}/runs/estimate", {
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
