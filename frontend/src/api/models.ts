import { queryOptions } from "@tanstack/react-query";
import { answer, apiPath, client } from "./client";

export const modelsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "models"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/models", { params: { path: { project_id: projectId } }, signal }),
      ),
  });

export const modelQuery = (projectId: string, modelId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "model", modelId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/models/{model_id}", {
          params: { path: { project_id: projectId, model_id: modelId } },
          signal,
        }),
      ),
  });

export const renameModel = (projectId: string, modelId: string, name: string) =>
  answer(
    client.PATCH("/api/v1/projects/{project_id}/models/{model_id}", {
      params: { path: { project_id: projectId, model_id: modelId } },
      body: { name },
    }),
  );

export const deleteModel = (projectId: string, modelId: string) =>
  answer(
    client.DELETE("/api/v1/projects/{project_id}/models/{model_id}", {
      params: { path: { project_id: projectId, model_id: modelId } },
    }),
  );

export const predictRecording = (projectId: string, modelId: string, recordingId: string) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/models/{model_id}/predict", {
      params: { path: { project_id: projectId, model_id: modelId } },
      body: { recording_id: recordingId },
    }),
  );

export const onnxPath = (projectId: string, modelId: string) =>
  apiPath("projects", projectId, "models", modelId, "onnx");
