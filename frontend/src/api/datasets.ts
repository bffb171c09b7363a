import { queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";

export const datasetsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "datasets"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/datasets", { params: { path: { project_id: projectId } }, signal }),
      ),
  });

export const createDataset = (projectId: string, file: File, name: string) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/datasets", {
      params: { path: { project_id: projectId } },
      // The generated type says string for a file; the serializer below sends the real one.
      body: { file: "", name },
      bodySerializer: () => {
        const form = new FormData();
        form.append("file", file, file.name);
        if (name) form.append("name", name);
        return form;
      },
    }),
  );

export const deleteDataset = (projectId: string, datasetId: string) =>
  answer(
    client.DELETE("/api/v1/projects/{project_id}/datasets/{dataset_id}", {
      params: { path: { project_id: projectId, dataset_id: datasetId } },
    }),
  );
