import { queryOptions } from "@tanstack/react-query";
import { ApiError, answer, client } from "./client";
import { whileGoing } from "./going";
import { isOver } from "./jobs";

const of = (projectId: string, evaluationId: string) => ({
  params: { path: { project_id: projectId, evaluation_id: evaluationId } },
});

/** The stress test of an evaluation, null where there is none yet. */
export const stressTestQuery = (projectId: string, evaluationId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "evaluation", evaluationId, "stress-test"],
    queryFn: async ({ signal }) => {
      try {
        return await answer(
          client.GET("/api/v1/projects/{project_id}/evaluations/{evaluation_id}/stress-test", {
            ...of(projectId, evaluationId),
            signal,
          }),
        );
      } catch (problem) {
        if (problem instanceof ApiError && problem.status === 404) return null;
        throw problem;
      }
    },
    refetchInterval: (query) => whileGoing(!!query.state.data && !isOver(query.state.data.job)),
  });

export const createStressTest = (projectId: string, evaluationId: string) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/evaluations/{evaluation_id}/stress-test", of(projectId, evaluationId)),
  );
