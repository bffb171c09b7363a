import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";
import type { LabelChoice } from "./types";

export const datasetsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "datasets"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/datasets", { params: { path: { project_id: projectId } }, signal }),
      ),
  });

/** The table and what was chosen of it, as a form; the generated types say string for a file. */
function tableForm(file: File, choice: LabelChoice | null, name = ""): FormData {
  const form = new FormData();
  form.append("file", file, file.name);
  if (name) form.append("name", name);
  if (choice) form.append("choice", JSON.stringify(choice));
  return form;
}

/** How a table would be understood, as chosen or as is likeliest; nothing is stored. */
export const labelPreviewQuery = (projectId: string, file: File, choice: LabelChoice | null) =>
  queryOptions({
    queryKey: ["project", projectId, "label-preview", file.name, file.size, file.lastModified, choice],
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
    queryFn: ({ signal }) =>
      answer(
        client.POST("/api/v1/projects/{project_id}/datasets/preview", {
          params: { path: { project_id: projectId } },
          body: { file: "", choice: "" },
          bodySerializer: () => tableForm(file, choice),
          signal,
        }),
      ),
  });

export const createDataset = (projectId: string, file: File, name: string, choice: LabelChoice | null = null) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/datasets", {
      params: { path: { project_id: projectId } },
      body: { file: "", name, choice: "" },
      bodySerializer: () => tableForm(file, choice, name),
    }),
  );

/** The labels that the files of the recordings hold themselves. */
export const labelsInFilesQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "labels-in-files"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/datasets/in-files", {
          params: { path: { project_id: projectId } },
          signal,
        }),
      ),
  });

export const createDatasetOfFiles = (projectId: string, sources: string[], superclasses: boolean) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/datasets/in-files", {
      params: { path: { project_id: projectId } },
      body: { sources, superclasses, name: "" },
    }),
  );
