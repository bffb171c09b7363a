import { queryOptions } from "@tanstack/react-query";
import { decodeSignal } from "@/lib/signal";
import { answer, client } from "./client";

/** Rate, intervals, axes, ST levels and waves, computed by the platform. */
export const measurementsQuery = (projectId: string, recordingId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "measurements", recordingId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/recordings/{recording_id}/measurements", {
          params: { path: { project_id: projectId, recording_id: recordingId } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY, // A stored recording never changes.
    gcTime: 60_000,
  });

/** The recording aligned to 60 beats a minute, or its median beat. */
export const alignedQuery = (projectId: string, recordingId: string, aggregate: "none" | "median") =>
  queryOptions({
    queryKey: ["project", projectId, "aligned", recordingId, aggregate],
    queryFn: async ({ signal }) => {
      const buffer = await answer(
        client.GET("/api/v1/projects/{project_id}/recordings/{recording_id}/aligned", {
          params: { path: { project_id: projectId, recording_id: recordingId }, query: { aggregate } },
          parseAs: "arrayBuffer",
          signal,
        }),
      );
      return decodeSignal(buffer as ArrayBuffer);
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
