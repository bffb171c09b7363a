/** The one outbox of this window, and what a component hears of it. */

import { useSyncExternalStore } from "react";
import { saveReading } from "@/api/annotations";
import { isDown, onConnectionChange } from "@/api/connection";
import { type News, Outbox } from "./outbox";

export const outbox = new Outbox({
  storage: localStorage,
  send: ({ projectId, labelSetId, reader, id, body }) => saveReading(projectId, labelSetId, reader, id, body),
});

onConnectionChange(() => {
  if (!isDown()) void outbox.flush();
});
void outbox.flush();

export function useSaving(): News {
  return useSyncExternalStore(outbox.subscribe, outbox.news);
}

/** A new id of a reading: 32 hexadecimal digits. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID is not there over plain http
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
