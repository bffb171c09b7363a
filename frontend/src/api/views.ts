import { queryOptions } from "@tanstack/react-query";
import type { RecordingList } from "@/lib/recordingList";
import { answer, client } from "./client";

/** The saved views of a project by name. */
export const viewsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "views"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/views", { params: { path: { project_id: projectId } }, signal }),
      ),
  });

export const saveView = (projectId: string, name: string, list: RecordingList) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/views", {
      params: { path: { project_id: projectId } },
      body: { name, query: list as Record<string, string> },
    }),
  );
