/** Label sets and readings: labels that are given on the page. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, apiPath, client } from "./client";
import type { LabelSetIn, ReadingIn } from "./types";

const ONE = "/api/v1/projects/{project_id}/annotations/{label_set_id}";

export const labelSetsQuery = (projectId: string, reader: string) =>
  queryOptions({
    queryKey: ["project", projectId, "annotations", reader],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/annotations", {
          params: { path: { project_id: projectId }, query: { reader } },
          signal,
        }),
      ),
  });

export const labelSetQuery = (projectId: string, labelSetId: string, reader: string) =>
  queryOptions({
    queryKey: ["project", projectId, "annotations", "one", labelSetId, reader],
    queryFn: ({ signal }) =>
      answer(client.GET(ONE, { params: { path: path(projectId, labelSetId), query: { reader } }, signal })),
  });

export const createLabelSet = (projectId: string, reader: string, body: LabelSetIn) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/annotations", {
      params: { path: { project_id: projectId }, query: { reader } },
      body,
    }),
  );

export const changeLabelSet = (projectId: string, labelSetId: string, reader: string, body: LabelSetIn) =>
  answer(client.PUT(ONE, { params: { path: path(projectId, labelSetId), query: { reader } }, body }));

/** The recordings that a reader is to read next. */
export const readingQueue = (
  projectId: string,
  labelSetId: string,
  reader: string,
  predictionId: string | null,
  limit: number,
) =>
  answer(
    client.GET(`${ONE}/queue`, {
      params: {
        path: path(projectId, labelSetId),
        query: { reader, limit, ...(predictionId === null ? {} : { prediction_id: predictionId }) },
      },
    }),
  );

/** What is said of a recording, as far as the reader may see it. */
export const readRecordingQuery = (projectId: string, labelSetId: string, reader: string, recordingId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "annotations", "one", labelSetId, reader, "recording", recordingId],
    queryFn: ({ signal }) =>
      answer(
        client.GET(`${ONE}/recordings/{recording_id}`, {
          params: { path: { ...path(projectId, labelSetId), recording_id: recordingId }, query: { reader } },
          signal,
        }),
      ),
  });

export const saveReading = (projectId: string, labelSetId: string, reader: string, id: string, body: ReadingIn) =>
  answer(
    client.PUT(`${ONE}/readings/{reading_id}`, {
      params: { path: { ...path(projectId, labelSetId), reading_id: id }, query: { reader } },
      body,
    }),
  );

export const revealRecording = (projectId: string, labelSetId: string, reader: string, recordingId: string) =>
  answer(
    client.PUT(`${ONE}/recordings/{recording_id}/revealed`, {
      params: { path: { ...path(projectId, labelSetId), recording_id: recordingId }, query: { reader } },
    }),
  );

export const disagreementsQuery = (
  projectId: string,
  labelSetId: string,
  adjudicated: boolean,
  page: number,
  size: number,
) =>
  queryOptions({
    queryKey: ["project", projectId, "annotations", "one", labelSetId, "disagreements", adjudicated, page, size],
    queryFn: ({ signal }) =>
      answer(
        client.GET(`${ONE}/disagreements`, {
          params: { path: path(projectId, labelSetId), query: { adjudicated, page, size } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const agreementQuery = (projectId: string, labelSetId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "annotations", "one", labelSetId, "agreement"],
    queryFn: ({ signal }) =>
      answer(client.GET(`${ONE}/agreement`, { params: { path: path(projectId, labelSetId) }, signal })),
  });

export const freezeLabelSet = (projectId: string, labelSetId: string, name: string, fewestReaders: number) =>
  answer(
    client.POST(`${ONE}/datasets`, {
      params: { path: path(projectId, labelSetId) },
      body: { name, fewest_readers: fewestReaders },
    }),
  );

export const annotationsCsvPath = (projectId: string, labelSetId: string, each: boolean) =>
  `${apiPath("projects", projectId, "annotations", labelSetId, "csv")}${each ? "?each=true" : ""}`;

/** Codes of SCP-ECG, SNOMED CT and ICD-10 by words. */
export const codesQuery = (words: string) =>
  queryOptions({
    queryKey: ["codes", words],
    queryFn: async ({ signal }) => {
      const found = await answer(client.GET("/api/v1/codes", { params: { query: { words, limit: 30 } }, signal }));
      return found.codes;
    },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });

const path = (projectId: string, labelSetId: string) => ({ project_id: projectId, label_set_id: labelSetId });
