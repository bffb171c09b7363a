import { queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";
import { whileGoing } from "./going";

/** A project at a glance; asked for again while something is going on. */
export const overviewQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "overview"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/overview", { params: { path: { project_id: projectId } }, signal }),
      ),
    refetchInterval: (query) => {
      const health = query.state.data?.health;
      return whileGoing(health && health.n_running + health.n_waiting > 0);
    },
  });

/** What the recordings of a table of labels are like. */
export const statisticsQuery = (projectId: string, datasetId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "statistics", datasetId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/datasets/{dataset_id}/statistics", {
          params: { path: { project_id: projectId, dataset_id: datasetId } },
          signal,
        }),
      ),
  });

/** By which sources of its recordings the folds of a cross-validation can be made. */
export const sourcesQuery = (projectId: string, datasetId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "sources", datasetId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/datasets/{dataset_id}/sources", {
          params: { path: { project_id: projectId, dataset_id: datasetId } },
          signal,
        }),
      ),
    enabled: datasetId !== "",
  });
