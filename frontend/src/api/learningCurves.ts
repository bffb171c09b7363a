import { queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";
import { whileGoing } from "./going";

const one = (projectId: string, comparisonId: string, place: number) => ({
  params: { path: { project_id: projectId, comparison_id: comparisonId, place } },
});

/** The learning curve of a candidate of a comparison; asked for again and again while its trainings go on. */
export const learningCurveQuery = (projectId: string, comparisonId: string, place: number) =>
  queryOptions({
    queryKey: ["project", projectId, "learning-curve", comparisonId, place],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/comparisons/{comparison_id}/learning-curves/{place}", {
          ...one(projectId, comparisonId, place),
          signal,
        }),
      ),
    refetchInterval: (query) => whileGoing(query.state.data?.status === "running"),
  });

/** Train what is missing of a curve. */
export const startLearningCurve = (projectId: string, comparisonId: string, place: number) =>
  answer(
    client.POST(
      "/api/v1/projects/{project_id}/comparisons/{comparison_id}/learning-curves/{place}",
      one(projectId, comparisonId, place),
    ),
  );

export const cancelLearningCurve = (projectId: string, comparisonId: string, place: number) =>
  answer(
    client.POST(
      "/api/v1/projects/{project_id}/comparisons/{comparison_id}/learning-curves/{place}/cancel",
      one(projectId, comparisonId, place),
    ),
  );
