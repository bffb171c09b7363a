import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { createUploader, type Uploader, type UploadState } from "./uploader";

/** One uploader a project, alive as long as the tab: an upload goes on while the person looks at something else. */
const uploaders = new Map<string, Uploader>();

export function useUploader(projectId: string): { uploader: Uploader; state: UploadState } {
  const queries = useQueryClient();
  let uploader = uploaders.get(projectId);
  if (!uploader) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    uploader = createUploader(() => {
      // Chunks can follow each other quickly; the table need not be asked for after each.
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: ["project", projectId] });
      }, 1000);
    });
    uploaders.set(projectId, uploader);
  }
  const state = useSyncExternalStore(uploader.subscribe, uploader.state);
  useEffect(() => {
    if (!state.running) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [state.running]);
  return { uploader, state };
}
