/** Sends one chunk. XMLHttpRequest, because fetch does not say how much of a body has been sent. */

import { apiPath, isGatewayFailure, OfflineError, toApiError } from "@/api/client";
import { reportReachable, reportUnreachable } from "@/api/connection";
import type { UploadReport } from "@/api/types";
import type { PathFile } from "@/lib/files";
import { type Declared, declaredFields } from "./declared";

export type Send = (
  chunk: readonly PathFile[],
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
) => Promise<UploadReport>;

export function sender(projectId: string, declared: Declared): Send {
  return (chunk, onProgress, signal) =>
    new Promise((resolve, reject) => {
      const form = new FormData();
      // Fields before files: the server can then read each file as it arrives.
      for (const [name, value] of declaredFields(declared)) form.append(name, value);
      for (const { path, file } of chunk) form.append("files", file, path);
      const request = new XMLHttpRequest();
      request.open("POST", apiPath("projects", projectId, "recordings"));
      request.responseType = "json";
      request.upload.onprogress = (event) => onProgress(event.total > 0 ? event.loaded / event.total : 0);
      request.onload = () => {
        if (isGatewayFailure(request.status)) return offline(reject);
        reportReachable();
        if (request.status < 300) resolve(request.response as UploadReport);
        else reject(toApiError(request.status, request.response));
      };
      request.onerror = () => offline(reject);
      request.onabort = () => reject(new DOMException("Cancelled", "AbortError"));
      signal.addEventListener("abort", () => request.abort(), { once: true });
      request.send(form);
    });
}

function offline(reject: (error: Error) => void): void {
  reportUnreachable();
  reject(new OfflineError());
}
