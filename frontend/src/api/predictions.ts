import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, apiPath, client } from "./client";
import { whileGoing } from "./going";
import { isOver } from "./jobs";

export const predictionsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "predictions"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/predictions", {
          params: { path: { project_id: projectId } },
          signal,
        }),
      ),
    refetchInterval: (query) => whileGoing(query.state.data?.some((item) => !isOver(item.job))),
  });

export const predictionQuery = (projectId: string, predictionId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "prediction", predictionId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/predictions/{prediction_id}", {
          params: { path: { project_id: projectId, prediction_id: predictionId } },
          signal,
        }),
      ),
  });

export type ResultsFilter = { predicted?: string; disagreement?: boolean };

export const resultsQuery = (
  projectId: string,
  predictionId: string,
  filter: ResultsFilter,
  page: number,
  size: number,
) =>
  queryOptions({
    queryKey: ["project", projectId, "prediction", predictionId, "results", filter, page, size],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/predictions/{prediction_id}/results", {
          params: {
            path: { project_id: projectId, prediction_id: predictionId },
            query: { ...filter, page, size, partial: true },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const createPrediction = (projectId: string, modelId: string, datasetId: string | null) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/predictions", {
      params: { path: { project_id: projectId } },
      body: { model_id: modelId, dataset_id: datasetId },
    }),
  );

/** What a prediction says of a recording, as a DICOM object. */
export const dicomPath = (projectId: string, predictionId: string, recordingId: string, kind: "sr" | "pdf") =>
  `${apiPath("projects", projectId, "predictions", predictionId, "recordings", recordingId, "dicom")}?kind=${kind}`;

/** The page says beside it where a prediction is not complete. */
export const csvPath = (projectId: string, predictionId: string) =>
  `${apiPath("projects", projectId, "predictions", predictionId, "csv")}?partial=true`;
