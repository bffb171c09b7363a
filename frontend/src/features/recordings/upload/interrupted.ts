/** Remembers in the browser that an upload is going on, so that one which was cut short is told of. */

import type { UploadState } from "./uploader";

/** `taken`: files of which the platform had said what becomes of them. */
export type Interrupted = { files: number; taken: number; importIds: string[] };
type Mark = Interrupted & { tab: string; at: number };

export const BEAT_MS = 5000;
const STALE_MS = 30_000; // after which the tab that uploaded is taken to be gone
const TAB = "exchangeai-tab";

const keyOf = (projectId: string) => `exchangeai-upload:${projectId}`;

/** A name of this tab that outlives a reload. */
function ownTab(): string {
  const known = sessionStorage.getItem(TAB);
  const name = known ?? `${Date.now()}-${Math.random()}`;
  if (known === null) sessionStorage.setItem(TAB, name);
  return name;
}

/** Note where an upload stands; once it has ended, whatever its end, there is nothing to tell. */
export function note(projectId: string, state: UploadState, now = Date.now()): void {
  if (!state.running) {
    forget(projectId);
    return;
  }
  const mark: Mark = {
    files: state.files,
    taken: state.doneFiles,
    importIds: state.importIds,
    tab: ownTab(),
    at: now,
  };
  try {
    localStorage.setItem(keyOf(projectId), JSON.stringify(mark));
  } catch {
    // No room: nothing is told then.
  }
}

export function forget(projectId: string): void {
  localStorage.removeItem(keyOf(projectId));
}

/** The upload that was cut short when this tab was loaded anew or another was closed; null where there is none. */
export function interrupted(projectId: string, now = Date.now()): Interrupted | null {
  const text = localStorage.getItem(keyOf(projectId));
  if (text === null) return null;
  const { tab, at, ...found } = JSON.parse(text) as Mark;
  return tab === ownTab() || now - at > STALE_MS ? found : null;
}
