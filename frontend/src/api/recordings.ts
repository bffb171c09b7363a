import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { attachmentName } from "@/lib/download";
import { decodeSignal } from "@/lib/signal";
import { answer, apiPath, client } from "./client";
import type { paths } from "./schema";

export type RecordingsFilter = NonNullable<
  paths["/api/v1/projects/{project_id}/recordings"]["get"]["parameters"]["query"]
>;

export const recordingsQuery = (projectId: string, query: RecordingsFilter) =>
  queryOptions({
    queryKey: ["project", projectId, "recordings", query],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/recordings", {
          params: { path: { project_id: projectId }, query },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const recordingQuery = (projectId: string, recordingId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "recording", recordingId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/recordings/{recording_id}", {
          params: { path: { project_id: projectId, recording_id: recordingId } },
          signal,
        }),
      ),
  });

/** The tracing, raw where `preprocessing` is null, else after that preset. */
export const signalQuery = (projectId: string, recordingId: string, preprocessing: string | null) =>
  queryOptions({
    queryKey: ["project", projectId, "signal", recordingId, preprocessing],
    queryFn: async ({ signal }) => {
      const buffer = await answer(
        client.GET("/api/v1/projects/{project_id}/recordings/{recording_id}/signal", {
          params: {
            path: { project_id: projectId, recording_id: recordingId },
            query: preprocessing === null ? {} : { preprocessing },
          },
          parseAs: "arrayBuffer",
          signal,
        }),
      );
      return decodeSignal(buffer as ArrayBuffer);
    },
    staleTime: Number.POSITIVE_INFINITY, // A stored recording never changes.
    gcTime: 60_000,
  });

export const deleteRecording = (projectId: string, recordingId: string) =>
  answer(
    client.DELETE("/api/v1/projects/{project_id}/recordings/{recording_id}", {
      params: { path: { project_id: projectId, recording_id: recordingId } },
    }),
  );

export const originalPath = (projectId: string, recordingId: string) =>
  apiPath("projects", projectId, "recordings", recordingId, "original");

/** The recording as a file of another format, and the name of that file. */
export async function downloadRecording(projectId: string, recordingId: string, format: string) {
  const request = client.GET("/api/v1/projects/{project_id}/recordings/{recording_id}/download", {
    params: { path: { project_id: projectId, recording_id: recordingId }, query: { format } },
    parseAs: "blob",
  });
  const blob = (await answer(request)) as Blob;
  return { name: attachmentName((await request).response) ?? `recording.${format}`, blob };
}

export type DrawingFormat = "pdf" | "svg" | "png";
export type DrawnAs = { speed: number; gain: number; layout: "3x4+1" | "6x2" | "12x1"; paper: "a4" | "letter" };

/** The recording on ECG paper, true to scale, and the name of that file. */
export async function drawRecording(projectId: string, recordingId: string, format: DrawingFormat, as: DrawnAs) {
  const portrait = as.layout === "12x1"; // twelve rows are too high for a sheet that lies
  const request = client.GET("/api/v1/projects/{project_id}/recordings/{recording_id}/drawing", {
    params: {
      path: { project_id: projectId, recording_id: recordingId },
      query: { format, ...as, orientation: portrait ? "portrait" : "landscape" },
    },
    parseAs: "blob",
  });
  const blob = (await answer(request)) as Blob;
  return { name: attachmentName((await request).response) ?? `recording.${format}`, blob };
}

/** Names by which label tables find the recordings of a project, asked for page by page. */
export async function allRecordingNames(projectId: string): Promise<string[]> {
  const size = 500;
  const all: { file_name: string; name: string }[] = [];
  for (let page = 1; ; page++) {
    const { items, total } = await answer(
      client.GET("/api/v1/projects/{project_id}/recordings", {
        params: { path: { project_id: projectId }, query: { page, size, sort: "file_name", order: "asc" } },
      }),
    );
    all.push(...items);
    if (items.length === 0 || all.length >= total) break;
  }
  const files = new Map<string, number>();
  for (const { file_name } of all) files.set(file_name, (files.get(file_name) ?? 0) + 1);
  // A file that holds many recordings, such as a stack, names each of them itself.
  return all.map(({ file_name, name }) => (files.get(file_name) === 1 ? file_name : name));
}
