/** Uploads thousands of files in chunks, a few at a time, and remembers what became of each. No file is ever lost. */

import { t } from "@lingui/core/macro";
import { OfflineError } from "@/api/client";
import type { UploadReport } from "@/api/types";
import type { FileStatus, ShownOutcome } from "@/components/outcomes";
import { stem, toChunks } from "@/lib/chunks";
import { isHidden, type PathFile } from "@/lib/files";
import { type Offer, offerText } from "./declared";
import type { Send } from "./send";

const IN_FLIGHT = 3;
const RETRY_AFTER_MS = 1500;

export type FileOutcome = ShownOutcome & { key: number };

export type UploadState = {
  running: boolean;
  cancelled: boolean;
  files: number;
  doneFiles: number;
  bytes: number;
  doneBytes: number;
  hiddenFiles: number;
  startedAt: number; // ms
  endedAt: number | null;
  /** The imports that the files went to: their reports stay. */
  importIds: string[];
  outcomes: FileOutcome[];
};

type Failed = { chunk: PathFile[]; outcomes: FileOutcome[] };

const EMPTY: UploadState = {
  running: false,
  cancelled: false,
  files: 0,
  doneFiles: 0,
  bytes: 0,
  doneBytes: 0,
  hiddenFiles: 0,
  startedAt: 0,
  endedAt: null,
  importIds: [],
  outcomes: [],
};

export type Uploader = ReturnType<typeof createUploader>;

/** `onChunk` is called after each chunk, when recordings may have appeared. */
export function createUploader(onChunk: () => void, now: () => number = Date.now) {
  let state = EMPTY;
  let queue: { chunk: PathFile[]; send: Send }[] = [];
  let failed: (Failed & { send: Send })[] = [];
  /** What was refused, but could be read as declared otherwise: the outcome, with the files of its record. */
  let unread: { outcome: FileOutcome; files: PathFile[] }[] = [];
  let nextKey = 1;
  let active = 0;
  let abort = new AbortController();
  const inFlightBytes = new Map<object, number>();
  let finishedBytes = 0;
  const listeners = new Set<() => void>();

  const set = (change: Partial<UploadState>) => {
    const inFlight = [...inFlightBytes.values()].reduce((sum, size) => sum + size, 0);
    state = { ...state, ...change, doneBytes: finishedBytes + inFlight };
    for (const listener of listeners) listener();
  };

  function add(files: readonly PathFile[], send: Send): void {
    const wanted = files.filter(({ path }) => !isHidden(path));
    const fresh = !state.running;
    if (fresh) abort = new AbortController();
    queue.push(...toChunks(wanted).map((chunk) => ({ chunk, send })));
    set({
      running: queue.length > 0 || active > 0,
      cancelled: false,
      files: state.files + wanted.length,
      bytes: state.bytes + sizeOf(wanted),
      hiddenFiles: state.hiddenFiles + files.length - wanted.length,
      startedAt: fresh ? now() : state.startedAt,
      endedAt: null,
    });
    pump();
  }

  function pump(): void {
    while (active < IN_FLIGHT) {
      const next = queue.shift();
      if (!next) break;
      active++;
      void upload(next.chunk, next.send).finally(() => {
        active--;
        pump();
        if (active === 0 && queue.length === 0 && state.running) set({ running: false, endedAt: now() });
      });
    }
  }

  async function upload(chunk: PathFile[], send: Send): Promise<void> {
    const size = sizeOf(chunk);
    const key = {};
    const attempt = () =>
      send(
        chunk,
        (fraction) => {
          inFlightBytes.set(key, size * fraction);
          set({});
        },
        abort.signal,
      );
    let outcomes: FileOutcome[];
    try {
      const report = await attempt().catch(async (error) => {
        if (!(error instanceof OfflineError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
        return attempt(); // Sending twice is harmless: the same bytes are the same recording.
      });
      outcomes = fromReport(report);
      for (const outcome of outcomes.filter(({ offers }) => offers.length > 0)) {
        // Of an archive, which may hold other files as well, no part can be declared by itself.
        const files = chunk.filter(({ path }) => stem(path) === stem(outcome.file_name));
        if (files.length > 0) unread.push({ outcome, files });
      }
    } catch (error) {
      const reason = abort.signal.aborted ? t`Cancelled before it was uploaded.` : message(error);
      outcomes = chunk.map(({ path }) => outcome(path, "failed", reason));
      failed.push({ chunk, outcomes, send });
    }
    inFlightBytes.delete(key);
    finishedBytes += size;
    set({ doneFiles: state.doneFiles + chunk.length, outcomes: [...state.outcomes, ...outcomes] });
    onChunk();
  }

  const outcome = (fileName: string, status: FileStatus, detail: string): FileOutcome => ({
    key: nextKey++,
    file_name: fileName,
    status,
    detail,
    recording_ids: [],
    findings: [],
    offers: [],
  });

  const fromReport = (report: UploadReport): FileOutcome[] => {
    if (!state.importIds.includes(report.import_id)) set({ importIds: [...state.importIds, report.import_id] });
    return report.outcomes.map((item) => ({ ...item, key: nextKey++ }));
  };

  /** The declarations with which refused files could be read, each once. */
  function offers(): Offer[] {
    const all = unread.flatMap(({ outcome }) => outcome.offers);
    return [...new Map(all.map((offer) => [offerText(offer), offer])).values()];
  }

  /** Send the refused files again that an offer is for; `send` declares it. */
  function readAs(offer: Offer, send: Send): void {
    const meant = ({ outcome }: (typeof unread)[number]) =>
      outcome.offers.some((one) => offerText(one) === offerText(offer));
    const again = unread.filter(meant);
    unread = unread.filter((one) => !meant(one));
    const files = [...new Set(again.flatMap((one) => one.files))];
    sendAgain([{ chunk: files, outcomes: again.map(({ outcome }) => outcome), send }]);
  }

  /** Try all that failed again, with what was declared for them. */
  function retry(): void {
    const again = failed;
    failed = [];
    sendAgain(again);
  }

  function sendAgain(again: typeof failed): void {
    const gone = new Set(again.flatMap(({ outcomes }) => outcomes));
    const files = again.flatMap(({ chunk }) => chunk);
    finishedBytes -= sizeOf(files);
    if (!state.running) abort = new AbortController();
    queue.push(...again.flatMap(({ chunk, send }) => toChunks(chunk).map((part) => ({ chunk: part, send }))));
    set({
      running: queue.length > 0 || active > 0,
      cancelled: false,
      doneFiles: state.doneFiles - files.length,
      outcomes: state.outcomes.filter((item) => !gone.has(item)),
      startedAt: state.running ? state.startedAt : now(),
      endedAt: null,
    });
    pump();
  }

  /** Stop; what has not been uploaded stays in the list as failed and can be tried again. */
  function cancel(): void {
    const waiting = queue;
    queue = [];
    for (const { chunk, send } of waiting) {
      const outcomes = chunk.map(({ path }) => outcome(path, "failed", t`Cancelled before it was uploaded.`));
      failed.push({ chunk, outcomes, send });
      finishedBytes += sizeOf(chunk);
      state = { ...state, doneFiles: state.doneFiles + chunk.length, outcomes: [...state.outcomes, ...outcomes] };
    }
    set({ cancelled: true, running: active > 0, endedAt: active > 0 ? null : now() });
    abort.abort();
  }

  function dismiss(): void {
    failed = [];
    unread = [];
    finishedBytes = 0;
    state = EMPTY;
    set({});
  }

  return {
    add,
    retry,
    offers,
    readAs,
    cancel,
    dismiss,
    state: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function sizeOf(files: readonly PathFile[]): number {
  return files.reduce((sum, { file }) => sum + file.size, 0);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
