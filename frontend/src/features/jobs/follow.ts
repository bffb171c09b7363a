/** Follows a job: by a stream where one of the browser's places is free, else by asking every two seconds. */

import { getEvents, getJob, isOver, type JobOwner, streamPath } from "@/api/jobs";
import type { JobEvent, JobState } from "@/api/types";
import { inLanguage } from "@/language/language";
import { takeSlot } from "./slots";

export const POLL_MS = 2000;
// Named one by one, as a stream delivers them by name; a kind of the API that is missing here does not compile.
const EVENT_KINDS = Object.keys({
  status: true,
  log: true,
  note: true,
  learning_rate: true,
  epoch: true,
  fold: true,
  pretraining: true,
  result: true,
} satisfies Record<JobEvent["kind"], true>);

export type Listener = {
  onJob(job: JobState): void;
  /** New events, in order, each exactly once. */
  onEvents(events: JobEvent[]): void;
  onEnd(): void;
};

/** Follow until the job is over; returns what stops it. Nothing is held open while the tab is hidden. */
export function followJob(owner: JobOwner, jobId: string, listener: Listener): () => void {
  let last = 0;
  let over = false;
  let attempt: AbortController | null = null;

  const take = (events: JobEvent[]) => {
    const fresh = events.filter((event) => event.number > last).sort((a, b) => a.number - b.number);
    if (fresh.length === 0) return;
    last = fresh[fresh.length - 1]?.number ?? last;
    listener.onEvents(fresh);
  };

  const ask = async (signal: AbortSignal) => {
    // The job first: events that come between the two answers are then never missed.
    const job = await getJob(owner, jobId, signal);
    take(await getEvents(owner, jobId, last, signal));
    if (signal.aborted) return;
    listener.onJob(job);
    if (isOver(job)) end();
  };

  const poll = async (signal: AbortSignal) => {
    while (!signal.aborted && !over) {
      await ask(signal).catch(() => undefined); // Down or going away: the next round tries again.
      await pause(POLL_MS, signal);
    }
  };

  const stream = (signal: AbortSignal, release: () => void) => {
    const source = new EventSource(inLanguage(streamPath(owner, jobId)));
    const close = () => {
      source.close();
      release();
    };
    signal.addEventListener("abort", close, { once: true });
    for (const kind of EVENT_KINDS) {
      source.addEventListener(kind, (message) => take([JSON.parse(message.data) as JobEvent]));
    }
    source.addEventListener("job", (message) => listener.onJob(JSON.parse(message.data) as JobState));
    source.addEventListener("end", () => {
      signal.removeEventListener("abort", close);
      close();
      void ask(signal).catch(() => poll(signal));
    });
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return; // The browser connects again and asks for what it missed.
      signal.removeEventListener("abort", close);
      close();
      void poll(signal);
    };
  };

  const start = async () => {
    if (attempt || over || document.hidden) return;
    const own = new AbortController();
    attempt = own;
    await ask(own.signal).catch(() => undefined);
    if (own.signal.aborted || over) return;
    const release = await takeSlot();
    if (release === null) return poll(own.signal);
    if (own.signal.aborted) return release();
    return stream(own.signal, release);
  };
  const stop = () => {
    attempt?.abort();
    attempt = null;
  };
  const end = () => {
    if (over) return;
    over = true;
    stop();
    document.removeEventListener("visibilitychange", look);
    listener.onEnd();
  };
  const look = () => (document.hidden ? stop() : void start());

  document.addEventListener("visibilitychange", look);
  void start();
  return () => {
    stop();
    document.removeEventListener("visibilitychange", look);
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
