import { type DefaultError, type QueryKey, type UseQueryOptions, useQuery } from "@tanstack/react-query";

type Fresh<T> = { data: T | undefined; error: Error | null; isPending: boolean };

/**
 * A query whose answer is never one kept from an earlier visit while a newer one is on its way.
 *
 * For lists from which a form chooses by itself: what it chose from an old list would be sent, or change under the
 * hand, as soon as the new list comes.
 */
export function useFresh<T, Answered, Key extends QueryKey>(
  options: UseQueryOptions<Answered, DefaultError, T, Key>,
): Fresh<T> {
  const { data, error, isPending, isFetching, isFetchedAfterMount } = useQuery(options);
  const old = isFetching && !isFetchedAfterMount;
  return { data: old ? undefined : data, error, isPending: isPending || old };
}
