import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";
import { whileGoing } from "./going";
import { isOver } from "./jobs";

/** The drift checks of a model, the newest first. */
export const driftChecksQuery = (projectId: string, modelId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "drift-checks", modelId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/drift-checks", {
          params: { path: { project_id: projectId }, query: { model_id: modelId } },
          signal,
        }),
      ),
    refetchInterval: (query) => whileGoing(query.state.data?.some(({ job }) => !isOver(job))),
  });

const one = (projectId: string, checkId: string) => ({
  params: { path: { project_id: projectId, check_id: checkId } },
});

export const driftCheckQuery = (projectId: string, checkId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "drift-check", checkId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/drift-checks/{check_id}", { ...one(projectId, checkId), signal }),
      ),
  });

/** The recordings that stick out, a page at a time, the oddest first. */
export const oddRecordingsQuery = (projectId: string, checkId: string, page: number, size: number) =>
  queryOptions({
    queryKey: ["project", projectId, "drift-check", checkId, "recordings", page, size],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/drift-checks/{check_id}/recordings", {
          params: { path: { project_id: projectId, check_id: checkId }, query: { page, size } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const createDriftCheck = (projectId: string, modelId: string, datasetId: string) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/drift-checks", {
      params: { path: { project_id: projectId } },
      body: { model_id: modelId, dataset_id: datasetId },
    }),
  );
