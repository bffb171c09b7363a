/** The typed client: every path and shape comes from the OpenAPI description, so that drift breaks the type check. */

import { t } from "@lingui/core/macro";
import createClient from "openapi-fetch";
import { language } from "@/language/language";
import { reportReachable, reportUnreachable } from "./connection";
import { csrfHeaders } from "./csrf";
import { tellOthers } from "./otherTabs";
import { without } from "./removed";
import type { paths } from "./schema";

export const client = createClient<paths>({
  baseUrl: location.origin,
  fetch: (request) => fetch(request), // looked up at each call, so that tests can answer in the platform's place
});

client.use({
  onRequest: ({ request }) => {
    request.headers.set("Accept-Language", language());
    if (request.method !== "GET") for (const [name, value] of csrfHeaders()) request.headers.set(name, value);
  },
  onResponse: ({ request, response }) => {
    if (response.ok) tellOthers(request.method, new URL(request.url).pathname);
  },
});

/** An answer of the platform that is no success; `message` is its `detail`, written for the person at the page. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    detail: string,
  ) {
    super(detail);
    this.name = "ApiError";
  }
}

/** The platform could not be reached at all. */
export class OfflineError extends Error {
  constructor() {
    super(t`The platform is not responding. Check that it is running; the page reconnects by itself.`);
    this.name = "OfflineError";
  }
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** Wait for a request of `client` and return its data; raises ApiError or OfflineError. */
export async function answer<T>(request: Promise<Answer<T>>): Promise<T> {
  let result: Answer<T>;
  try {
    result = await request;
  } catch (problem) {
    if (problem instanceof DOMException && problem.name === "AbortError") throw problem;
    if (problem instanceof SyntaxError)
      throw new ApiError(0, "AnswerError", t`The platform sent a response that could not be read.`);
    reportUnreachable();
    throw new OfflineError();
  }
  if (isGatewayFailure(result.response.status)) {
    reportUnreachable();
    throw new OfflineError();
  }
  reportReachable();
  if (!result.response.ok) throw toApiError(result.response.status, result.error);
  return without(result.data as T);
}

/** Delete what stands at a path of this API; the browser goes on with it when the page is closed. */
export async function deleteAt(path: string): Promise<void> {
  const headers = [["Accept-Language", language()] as [string, string], ...csrfHeaders()];
  const asked = fetch(path, { method: "DELETE", keepalive: true, headers });
  const read = async (response: Response) => ({
    response,
    error: response.ok ? undefined : await response.json().catch(() => undefined),
  });
  await answer(asked.then(read));
  tellOthers("DELETE", path);
}

/** True for answers that come from a proxy in front of a platform that is down. */
export function isGatewayFailure(status: number): boolean {
  return status === 502 || status === 504;
}

/** Turn the body of a failed request, `{error, detail}` or anything else, into an ApiError. */
export function toApiError(status: number, body: unknown): ApiError {
  if (typeof body === "object" && body !== null && "detail" in body && typeof body.detail === "string") {
    const kind = "error" in body && typeof body.error === "string" ? body.error : "Error";
    return new ApiError(status, kind, body.detail);
  }
  return new ApiError(
    status,
    "UnexpectedError",
    t`An unexpected error occurred (status ${status}). Try again; if it persists, see the log of the platform.`,
  );
}

/** Encode text parts of a path of this API, for links and requests that the typed client does not make. */
export function apiPath(...parts: string[]): string {
  return `/api/v1/${parts.map(encodeURIComponent).join("/")}`;
}
