import { queryOptions } from "@tanstack/react-query";
import { answer, apiPath, client } from "./client";
import type { Job } from "./types";

export const isOver = (job: Pick<Job, "status">): boolean =>
  job.status === "done" || job.status === "failed" || job.status === "cancelled";

export const jobsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "jobs"],
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/projects/{project_id}/jobs", { params: { path: { project_id: projectId } }, signal })),
    refetchInterval: (query) => (query.state.data?.some((job) => !isOver(job)) ? 2500 : false),
  });

export const getJob = (projectId: string, jobId: string, signal?: AbortSignal) =>
  answer(
    client.GET("/api/v1/projects/{project_id}/jobs/{job_id}", {
      params: { path: { project_id: projectId, job_id: jobId } },
      signal,
    }),
  );

export const getEvents = (projectId: string, jobId: string, after: number, signal?: AbortSignal) =>
  answer(
    client.GET("/api/v1/projects/{project_id}/jobs/{job_id}/events", {
      params: { path: { project_id: projectId, job_id: jobId }, query: { after } },
      signal,
    }),
  );

export const cancelJob = (projectId: string, jobId: string) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/jobs/{job_id}/cancel", {
      params: { path: { project_id: projectId, job_id: jobId } },
    }),
  );

export const streamPath = (projectId: string, jobId: string) => apiPath("projects", projectId, "jobs", jobId, "stream");
