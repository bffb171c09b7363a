import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { attachmentName } from "@/lib/download";
import type { RecordingList } from "@/lib/recordingList";
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

/** The ids of one page of a list. */
export async function recordingIds(projectId: string, list: RecordingList, page: number, size: number) {
  const query = { ...(list as RecordingsFilter), page, size };
  const { items } = await answer(
    client.GET("/api/v1/projects/{project_id}/recordings", { params: { path: { project_id: projectId }, query } }),
  );
  return items.map((one) => one.id);
}

/** Where a recording stands in a list, and its neighbours there. */
export const placeQuery = (projectId: string, recordingId: string, list: RecordingList) =>
  queryOptions({
    queryKey: ["project", projectId, "recordings", "place", recordingId, list],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/recordings/{recording_id}/place", {
          params: { path: { project_id: projectId, recording_id: recordingId }, query: list as RecordingsFilter },
          signal,
        }),
      ),
  });

/** What the recordings of a project can be filtered by. */
export const facetsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "recordings", "facets"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/recordings/facets", {
          params: { path: { project_id: projectId } },
          signal,
        }),
      ),
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

/** How a tracing is filtered: as a model reads it (the name of a preset), clinically (Hz), or not at all. */
export type SignalFilter = { preprocessing: string | null; band: Band | null; notch: 50 | 60 | null };
export type Band = "0.05-150" | "0.5-40";
export const UNFILTERED: SignalFilter = { preprocessing: null, band: null, notch: null };

/** With `seconds` only the beginning: what is shown of a long recording until all of it has come. */
export const signalQuery = (
  projectId: string,
  recordingId: string,
  filter: SignalFilter = UNFILTERED,
  seconds: number | null = null,
) =>
  queryOptions({
    queryKey: ["project", projectId, "signal", recordingId, filter, seconds],
    queryFn: async ({ signal }) => {
      const { preprocessing, band, notch } = filter;
      const buffer = await answer(
        client.GET("/api/v1/projects/{project_id}/recordings/{recording_id}/signal", {
          params: {
            path: { project_id: projectId, recording_id: recordingId },
            query: {
              ...(preprocessing === null ? {} : { preprocessing }),
              ...(band === null ? {} : { filter: band }),
              ...(notch === null ? {} : { notch }),
              ...(seconds === null ? {} : { seconds }),
            },
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

export type Drawing = NonNullable<
  paths["/api/v1/projects/{project_id}/recordings/{recording_id}/drawing"]["get"]["parameters"]["query"]
>;

/** Where the recording is had on ECG paper, true to scale. */
export function drawingPath(projectId: string, recordingId: string, drawing: Drawing): string {
  const entries = Object.entries(drawing).flatMap(([key, value]) => (value == null ? [] : [[key, String(value)]]));
  return `${apiPath("projects", projectId, "recordings", recordingId, "drawing")}?${new URLSearchParams(entries)}`;
}

/** The recording on ECG paper, true to scale, and the name of that file. */
export async function drawRecording(projectId: string, recordingId: string, drawing: Drawing) {
  const request = client.GET("/api/v1/projects/{project_id}/recordings/{recording_id}/drawing", {
    params: { path: { project_id: projectId, recording_id: recordingId }, query: drawing },
    parseAs: "blob",
  });
  const blob = (await answer(request)) as Blob;
  return { name: attachmentName((await request).response) ?? `recording.${drawing.format}`, blob };
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
