import { queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";
import { whileGoing } from "./going";
import { isOver } from "./jobs";
import type { Transfer } from "./types";

/** The newest transfers from and to an exchange, of all projects; asked for again while one goes on. */
export const transfersOfExchangeQuery = (exchangeId: string, page: number) =>
  queryOptions({
    queryKey: ["exchange", exchangeId, "transfers", page],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/exchanges/{exchange_id}/transfers", {
          params: { path: { exchange_id: exchangeId }, query: { page, size: 10 } },
          signal,
        }),
      ),
    refetchInterval: (query) => whileGoing(query.state.data?.items.some(({ job }) => !isOver(job))),
  });

export const transferQuery = (projectId: string, transferId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "transfer", transferId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/transfers/{transfer_id}", {
          params: { path: { project_id: projectId, transfer_id: transferId } },
          signal,
        }),
      ),
  });

/** What is asked for when a model is fetched; `trust` names the fingerprint of a new key. */
export type Pull = {
  exchange_id: string;
  item: string;
  name: string;
  trust: string;
  unverified: boolean;
  for_prediction: boolean;
  for_training: boolean;
};

export const pullModel = (projectId: string, body: Pull): Promise<Transfer> =>
  answer(
    client.POST("/api/v1/projects/{project_id}/transfers/pull", { params: { path: { project_id: projectId } }, body }),
  );

export type Push = {
  exchange_id: string;
  model_id: string;
  publisher: string;
  notes: string;
  slug: string;
  also_onnx: boolean;
  with_seen: boolean;
};

export const pushModel = (projectId: string, body: Push): Promise<Transfer> =>
  answer(
    client.POST("/api/v1/projects/{project_id}/transfers/push", { params: { path: { project_id: projectId } }, body }),
  );

/** What stands in the way of publishing a model in an exchange. */
export const publicationQuery = (projectId: string, modelId: string, exchangeId: string, slug: string) =>
  queryOptions({
    queryKey: ["project", projectId, "model", modelId, "publication", exchangeId, slug],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/models/{model_id}/publication", {
          params: {
            path: { project_id: projectId, model_id: modelId },
            query: { exchange_id: exchangeId, slug },
          },
          signal,
        }),
      ),
    enabled: exchangeId !== "",
  });
