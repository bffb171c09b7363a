import { queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";
import type { MergeIn, Round, RoundIn } from "./types";

export const roundsQuery = (exchangeId: string) =>
  queryOptions({
    queryKey: ["exchange", exchangeId, "rounds"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/exchanges/{exchange_id}/rounds", {
          params: { path: { exchange_id: exchangeId } },
          signal,
        }),
      ),
    retry: false,
  });

export const startRound = (exchangeId: string, body: RoundIn) =>
  answer(
    client.POST("/api/v1/exchanges/{exchange_id}/rounds", { params: { path: { exchange_id: exchangeId } }, body }),
  );

export const joinRound = (exchangeId: string, round: Round, body: { site: string; trust: string }) =>
  answer(
    client.POST("/api/v1/exchanges/{exchange_id}/rounds/{slug}/{number}/join", {
      params: path(exchangeId, round),
      body,
    }),
  );

export const takeBackContribution = (exchangeId: string, round: Round) =>
  answer(
    client.DELETE("/api/v1/exchanges/{exchange_id}/rounds/{slug}/{number}/contribution", {
      params: path(exchangeId, round),
    }),
  );

export const undoRound = (exchangeId: string, round: Round, reason: string) =>
  answer(
    client.POST("/api/v1/exchanges/{exchange_id}/rounds/{slug}/{number}/undo", {
      params: path(exchangeId, round),
      body: { reason },
    }),
  );

export const contributeToRound = (exchangeId: string, round: Round, projectId: string, modelId: string) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/exchanges/{exchange_id}/rounds/{slug}/{number}/contribution", {
      params: { path: { project_id: projectId, ...path(exchangeId, round).path } },
      body: { model_id: modelId },
    }),
  );

export const mergeRound = (exchangeId: string, round: Round, projectId: string, body: MergeIn) =>
  answer(
    client.POST("/api/v1/projects/{project_id}/exchanges/{exchange_id}/rounds/{slug}/{number}/merge", {
      params: { path: { project_id: projectId, ...path(exchangeId, round).path } },
      body,
    }),
  );

function path(exchangeId: string, { slug, number }: Round) {
  return { path: { exchange_id: exchangeId, slug, number } };
}
