import { queryOptions } from "@tanstack/react-query";
import { answer, apiPath, client } from "./client";
import { whileGoing } from "./going";
import type { Job, JobState, TrayJob } from "./types";

/** Whose job it is: a project's, by its id, or an exchange's. */
export type JobOwner = string | { readonly exchangeId: string };

export const isOver = (job: Pick<Job, "status">): boolean =>
  job.status === "done" || job.status === "failed" || job.status === "cancelled";

export const jobsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "jobs"],
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/projects/{project_id}/jobs", { params: { path: { project_id: projectId } }, signal })),
    refetchInterval: (query) => whileGoing(query.state.data?.some((job) => !isOver(job))),
  });

export const getJob = (owner: JobOwner, jobId: string, signal?: AbortSignal): Promise<JobState> =>
  typeof owner === "string"
    ? answer(client.GET("/api/v1/projects/{project_id}/jobs/{job_id}", { params: ofProject(owner, jobId), signal }))
    : answer(client.GET("/api/v1/exchanges/{exchange_id}/jobs/{job_id}", { params: ofExchange(owner, jobId), signal }));

export const getEvents = (owner: JobOwner, jobId: string, after: number, signal?: AbortSignal) =>
  typeof owner === "string"
    ? answer(
        client.GET("/api/v1/projects/{project_id}/jobs/{job_id}/events", {
          params: { ...ofProject(owner, jobId), query: { after } },
          signal,
        }),
      )
    : answer(
        client.GET("/api/v1/exchanges/{exchange_id}/jobs/{job_id}/events", {
          params: { ...ofExchange(owner, jobId), query: { after } },
          signal,
        }),
      );

/** Ask a job to stop; with `keepModel` a training is not cancelled, but ends with the model of its best epoch. */
export const cancelJob = (owner: JobOwner, jobId: string, keepModel = false): Promise<JobState> =>
  typeof owner === "string"
    ? answer(
        client.POST("/api/v1/projects/{project_id}/jobs/{job_id}/cancel", {
          params: { ...ofProject(owner, jobId), query: { keep_model: keepModel } },
        }),
      )
    : answer(client.POST("/api/v1/exchanges/{exchange_id}/jobs/{job_id}/cancel", { params: ofExchange(owner, jobId) }));

/** Have a job go on that has failed or was cancelled. */
export const resumeJob = (projectId: string, jobId: string): Promise<JobState> =>
  answer(client.POST("/api/v1/projects/{project_id}/jobs/{job_id}/resume", { params: ofProject(projectId, jobId) }));

/** The jobs of all one's projects: those that wait and run, and the newest that have ended. */
export const followedJobs = (signal?: AbortSignal): Promise<TrayJob[]> =>
  answer(client.GET("/api/v1/jobs", { signal }));

export const followedStreamPath = apiPath("jobs", "stream");

export const streamPath = (owner: JobOwner, jobId: string) =>
  typeof owner === "string"
    ? apiPath("projects", owner, "jobs", jobId, "stream")
    : apiPath("exchanges", owner.exchangeId, "jobs", jobId, "stream");

const ofProject = (projectId: string, jobId: string) => ({ path: { project_id: projectId, job_id: jobId } });
const ofExchange = ({ exchangeId }: { exchangeId: string }, jobId: string) => ({
  path: { exchange_id: exchangeId, job_id: jobId },
});
