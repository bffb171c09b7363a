import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { BEAT_MS, note } from "./interrupted";
import { createUploader, type Uploader, type UploadState } from "./uploader";

const REFRESH_MS = 1000;

/** One uploader a project, alive as long as the tab: an upload goes on while the person looks at something else. */
const uploaders = new Map<string, Uploader>();

function uploaderOf(projectId: string, queries: QueryClient): Uploader {
  const known = uploaders.get(projectId);
  if (known) return known;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const refresh = () => {
    timer = null;
    void queries.invalidateQueries({ queryKey: ["project", projectId] });
  };
  // Chunks can follow each other quickly; the table need not be asked for after each.
  const uploader = createUploader(() => {
    if (timer === null) timer = setTimeout(refresh, REFRESH_MS);
  });
  uploaders.set(projectId, uploader);
  const mark = () => note(projectId, uploader.state());
  uploader.subscribe(mark);
  setInterval(() => uploader.state().running && mark(), BEAT_MS);
  return uploader;
}

export function useUploader(projectId: string): { uploader: Uploader; state: UploadState } {
  const uploader = uploaderOf(projectId, useQueryClient());
  const state = useSyncExternalStore(uploader.subscribe, uploader.state);
  useEffect(() => {
    if (!state.running) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [state.running]);
  return { uploader, state };
}
