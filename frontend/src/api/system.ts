import { queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";

export const systemQuery = () =>
  queryOptions({
    queryKey: ["system"],
    queryFn: ({ signal }) => answer(client.GET("/api/v1/system", { signal })),
    staleTime: 10_000,
  });
