/** Tabs of one browser tell each other what they have changed, so that all show the same. */

import type { QueryClient } from "@tanstack/react-query";

const NAME = "exchangeai-changes";
const PAUSE_MS = 1000; // who labels changes something every second
const CHANGES_NOTHING = /\/(estimate|preview|predict)$/;

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(NAME);

/** Tell the other tabs of a request that has changed something, by its method and path. */
export function tellOthers(method: string, path: string): void {
  const project = /^\/api\/v1\/projects\/([^/]+)/.exec(path)?.[1];
  if (method === "GET" || CHANGES_NOTHING.test(path) || project === undefined) return;
  channel?.postMessage(decodeURIComponent(project));
}

/** Ask again for what other tabs have changed, now and then, and in a hidden tab when it is shown. */
export function listenToOthers(queries: QueryClient): () => void {
  const hears = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(NAME);
  if (!hears) return () => undefined;
  const changed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = () => {
    timer = undefined;
    if (document.hidden) return;
    for (const project of changed) askAgain(queries, project);
    if (changed.size > 0) void queries.invalidateQueries({ queryKey: ["projects"] });
    changed.clear();
  };
  hears.onmessage = ({ data }: MessageEvent<string>) => {
    changed.add(data);
    timer ??= setTimeout(ask, PAUSE_MS);
  };
  const look = () => !document.hidden && ask();
  document.addEventListener("visibilitychange", look);
  return () => {
    clearTimeout(timer);
    hears.close();
    document.removeEventListener("visibilitychange", look);
  };
}

/** Ask again for what is shown of a project. */
export function askAgain(queries: QueryClient, project: string): void {
  void queries.invalidateQueries({ predicate: ({ queryKey }) => isOf(project, queryKey) });
}

/** A tracing never changes; what is in a reader's hand is not taken out of it (the platform says when two differ). */
function isOf(project: string, key: readonly unknown[]): boolean {
  const [noun, id, kind] = key;
  return (
    noun === "project" && id === project && kind !== "signal" && !(kind === "annotations" && key[6] === "recording")
  );
}
