import { queryOptions } from "@tanstack/react-query";
import { answer, apiPath, client } from "./client";
import type { Project, ProjectIn } from "./types";

export const projectsQuery = () =>
  queryOptions({
    queryKey: ["projects"],
    queryFn: ({ signal }) => answer(client.GET("/api/v1/projects", { signal })),
  });

export const projectQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "project"],
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/projects/{project_id}", { params: { path: { project_id: projectId } }, signal })),
  });

export const createProject = (body: ProjectIn): Promise<Project> => answer(client.POST("/api/v1/projects", { body }));

export const createDemoProject = (name: string) =>
  answer(client.POST("/api/v1/projects/demo", { body: { name, n_recordings: 400, seed: 1 } }));

export const changeProject = (projectId: string, body: { name?: string; description?: string }): Promise<Project> =>
  answer(client.PATCH("/api/v1/projects/{project_id}", { params: { path: { project_id: projectId } }, body }));

export const deleteProject = (projectId: string) =>
  answer(client.DELETE("/api/v1/projects/{project_id}", { params: { path: { project_id: projectId } } }));

export const projectExportPath = (projectId: string): string => apiPath("projects", projectId, "export");
