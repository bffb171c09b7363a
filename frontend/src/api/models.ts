import { queryOptions } from "@tanstack/react-query";
import { answer, apiPath, client } from "./client";
import type { ModelPatch } from "./types";

export const modelsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "models"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/models", { params: { path: { project_id: projectId } }, signal }),
      ),
  });

/**
 * The models that may be used in a project, those of all others too, the best by its own test first; with a purpose,
 * those that are offered for it. For training there are also those that come with the platform.
 */
export const usableModelsQuery = (projectId: string, purpose?: "prediction" | "training") =>
  queryOptions({
    queryKey: ["project", projectId, "models", "usable", purpose ?? "any"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/models", {
          params: { path: { project_id: projectId }, query: { ...(purpose && { for: purpose }), everywhere: true } },
          signal,
        }),
      ),
  });

/** The models of all projects, as far as one page goes. */
export const libraryQuery = () =>
  queryOptions({
    queryKey: ["library"],
    queryFn: ({ signal }) => answer(client.GET("/api/v1/models", { params: { query: { size: 100 } }, signal })),
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

/** Change what is said of a model: its name, licence, use, and what it is offered for. */
export const changeModel = (projectId: string, modelId: string, body: ModelPatch) =>
  answer(
    client.PATCH("/api/v1/projects/{project_id}/models/{model_id}", {
      params: { path: { project_id: projectId, model_id: modelId } },
      body,
    }),
  );

/** Take in a model from a file; `fields` say what the file leaves open. */
export const importModel = (projectId: string, file: File, fields: Readonly<Record<string, string>>) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value !== "") form.append(name, value);
  form.append("file", file, file.name);
  return answer(
    client.POST("/api/v1/projects/{project_id}/models", {
      params: { path: { project_id: projectId } },
      body: form as never, // The generated shape lists the fields; a form is what carries files.
      bodySerializer: (body: unknown) => body as FormData,
    }),
  );
};

/** Pre-train CardX on all recordings of a project, without labels. */
export const startPretraining = (projectId: string, name: string, minutes: number) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/pretrainings", {
      params: { path: { project_id: projectId } },
      body: { name, architecture: "cardx", architecture_config: {}, settings: { minutes } },
    }),
  );

/** The model card as Markdown; it is made anew from what is known of the model. */
export const cardQuery = (projectId: string, modelId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "model", modelId, "card"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/models/{model_id}/card", {
          params: { path: { project_id: projectId, model_id: modelId } },
          parseAs: "text",
          signal,
        }),
      ),
  });

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

/** Where a file of a model is had. */
export const modelFilePath = (
  projectId: string,
  modelId: string,
  kind: "package" | "onnx" | "weights" | "card",
): string => apiPath("projects", projectId, "models", modelId, kind);
