import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";
import type { ExchangeIn, ExchangeJobIn } from "./types";

export const exchangesQuery = () =>
  queryOptions({
    queryKey: ["exchanges"],
    queryFn: ({ signal }) => answer(client.GET("/api/v1/exchanges", { signal })),
  });

export const exchangeQuery = (exchangeId: string) =>
  queryOptions({
    queryKey: ["exchange", exchangeId, "exchange"],
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/exchanges/{exchange_id}", { params: path(exchangeId), signal })),
  });

export const ownKeyQuery = () =>
  queryOptions({
    queryKey: ["exchanges", "own key"],
    queryFn: ({ signal }) => answer(client.GET("/api/v1/exchanges/own-key", { signal })),
  });

/** What is looked for among the models of an exchange; what is empty does not count. */
export type ExchangeSearch = {
  text: string;
  task: "" | "single_label" | "multi_label" | "regression";
  label: string;
  architecture: string;
  licence: string;
  lead: string;
  lineage: string;
  most_bytes: number | null;
  least_score: number | null;
  withdrawn: boolean;
  old_versions: boolean;
  order: "best" | "newest" | "name" | "smallest";
  page: number;
};

export const PAGE_SIZE = 20;

export const exchangeModelsQuery = (exchangeId: string, { task, most_bytes, least_score, ...search }: ExchangeSearch) =>
  queryOptions({
    queryKey: ["exchange", exchangeId, "models", { task, most_bytes, least_score, ...search }],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/exchanges/{exchange_id}/models", {
          params: {
            ...path(exchangeId),
            query: {
              ...search,
              size: PAGE_SIZE,
              ...(task && { task }),
              ...(most_bytes !== null && { most_bytes }),
              ...(least_score !== null && { least_score }),
            },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const exchangeModelQuery = (exchangeId: string, slug: string, version: number) =>
  queryOptions({
    queryKey: ["exchange", exchangeId, "model", slug, version],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/exchanges/{exchange_id}/models/{slug}/{version}", {
          params: { path: { exchange_id: exchangeId, slug, version } },
          signal,
        }),
      ),
    retry: false,
  });

export const keysQuery = (exchangeId: string) =>
  queryOptions({
    queryKey: ["exchange", exchangeId, "keys"],
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/exchanges/{exchange_id}/keys", { params: path(exchangeId), signal })),
  });

export const addExchange = (body: ExchangeIn) => answer(client.POST("/api/v1/exchanges", { body }));

export const changeExchange = (exchangeId: string, body: Partial<ExchangeIn>) =>
  answer(client.PATCH("/api/v1/exchanges/{exchange_id}", { params: path(exchangeId), body }));

export const removeExchange = (exchangeId: string) =>
  answer(client.DELETE("/api/v1/exchanges/{exchange_id}", { params: path(exchangeId) }));

/** Try whether its server answers, knows the user and lets one write. */
export const checkExchange = (exchangeId: string) =>
  answer(client.POST("/api/v1/exchanges/{exchange_id}/check", { params: path(exchangeId) }));

/** Read the list of an exchange from its server. */
export const readExchange = (exchangeId: string) =>
  answer(client.POST("/api/v1/exchanges/{exchange_id}/listing", { params: path(exchangeId) }));

/** Have something done that takes long: all verified, the index made anew, a version withdrawn. */
export const startExchangeJob = (exchangeId: string, body: ExchangeJobIn) =>
  answer(client.POST("/api/v1/exchanges/{exchange_id}/jobs", { params: path(exchangeId), body }));

export const exchangeJobsQuery = (exchangeId: string) =>
  queryOptions({
    queryKey: ["exchange", exchangeId, "jobs"],
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/exchanges/{exchange_id}/jobs", { params: path(exchangeId), signal })),
  });

export const decideKey = (
  exchangeId: string,
  body: { fingerprint: string; publisher: string; status: "trusted" | "refused" },
) => answer(client.PUT("/api/v1/exchanges/{exchange_id}/keys", { params: path(exchangeId), body }));

export const forgetKey = (exchangeId: string, fingerprint: string) =>
  answer(
    client.DELETE("/api/v1/exchanges/{exchange_id}/keys/{fingerprint}", {
      params: { path: { exchange_id: exchangeId, fingerprint } },
    }),
  );

function path(exchangeId: string) {
  return { path: { exchange_id: exchangeId } };
}
