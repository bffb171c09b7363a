import { queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";
import type { ExplanationIn } from "./types";

const one = (projectId: string, explanationId: string) => ({
  params: { path: { project_id: projectId, explanation_id: explanationId } },
});

/** One explanation, with its maps once its job is done. */
export const explanationQuery = (projectId: string, explanationId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "explanation", explanationId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/explanations/{explanation_id}", {
          ...one(projectId, explanationId),
          signal,
        }),
      ),
  });

export const createExplanation = (projectId: string, body: ExplanationIn) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/explanations", { params: { path: { project_id: projectId } }, body }),
  );
