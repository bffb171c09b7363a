/** Sends one chunk. XMLHttpRequest, because fetch does not say how much of a body has been sent. */

import { apiPath, isGatewayFailure, OfflineError, toApiError } from "@/api/client";
import { reportReachable, reportUnreachable } from "@/api/connection";
import { csrfHeaders } from "@/api/csrf";
import { tellOthers } from "@/api/otherTabs";
import type { UploadReport } from "@/api/types";
import { language } from "@/language/language";
import type { PathFile } from "@/lib/files";
import { type Declared, declaredFields } from "./declared";

export type Send = (
  chunk: readonly PathFile[],
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
) => Promise<UploadReport>;

/** Sends the chunks of one import: the first opens it, and the others wait for its number. */
export function sender(projectId: string, declared: Declared): Send {
  return asOneImport((importId, chunk, onProgress, signal) => {
    const fields = declaredFields(declared);
    if (importId !== null) fields.push(["import_id", importId]);
    return post(apiPath("projects", projectId, "recordings"), fields, chunk, onProgress, signal);
  });
}

type SendTo = (importId: string | null, ...chunk: Parameters<Send>) => Promise<UploadReport>;

export function asOneImport(send: SendTo): Send {
  let importId: string | null = null;
  let opening: Promise<unknown> | null = null;
  return async (...chunk) => {
    while (importId === null && opening !== null) await opening;
    if (importId !== null) return send(importId, ...chunk);
    const first = send(null, ...chunk);
    // Where the first fails, the next to wake up opens the import.
    opening = first.then(
      (report) => {
        importId = report.import_id;
        opening = null;
      },
      () => {
        opening = null;
      },
    );
    return first;
  };
}

function post(
  path: string,
  fields: readonly [string, string][],
  chunk: readonly PathFile[],
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<UploadReport> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    // Fields before files: the server can then read each file as it arrives.
    for (const [name, value] of fields) form.append(name, value);
    for (const { path: name, file } of chunk) form.append("files", file, name);
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("Accept-Language", language());
    for (const [name, value] of csrfHeaders()) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = (event) => onProgress(event.total > 0 ? event.loaded / event.total : 0);
    request.onload = () => {
      if (isGatewayFailure(request.status)) return offline(reject);
      reportReachable();
      if (request.status < 300) {
        tellOthers("POST", path);
        resolve(request.response as UploadReport);
      } else reject(toApiError(request.status, request.response));
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
