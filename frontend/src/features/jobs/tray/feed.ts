/**
 * The jobs of all one's projects, as they are now. One tab of the browser holds the one stream and tells the others; when
 * it is closed, the next one takes over. Where a browser has no locks (plain HTTP on another machine), each tab asks.
 */

import { followedJobs, followedStreamPath } from "@/api/jobs";
import type { TrayJob } from "@/api/types";
import { inLanguage } from "@/language/language";

export const ASK_MS = 5000;
const NAME = "exchangeai-tray";

/** What a tab hears: the jobs, and whether it is the one that holds the stream. */
type Hear = (jobs: TrayJob[], leads: boolean) => void;

/** Follow until the returned function is called. */
export function followTray(hear: Hear): () => void {
  const gone = new AbortController();
  const { signal } = gone;
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(NAME);
  if (channel) channel.onmessage = (message: MessageEvent<TrayJob[]>) => hear(message.data, false);

  const ask = () =>
    followedJobs(signal)
      .then((jobs) => !signal.aborted && hear(jobs, false))
      .catch(() => undefined); // down, or signed out: the next time

  void ask();
  if (channel && navigator.locks) {
    navigator.locks.request(NAME, { signal }, () => lead(signal, channel, hear)).catch(() => undefined); // gone before it was its turn
  } else {
    const timer = setInterval(() => !document.hidden && void ask(), ASK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }
  return () => {
    gone.abort();
    channel?.close();
  };
}

/** Hold the stream, tell the other tabs, and end when this tab goes. */
function lead(signal: AbortSignal, channel: BroadcastChannel, hear: Hear): Promise<void> {
  return new Promise((resolve) => {
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource(inLanguage(followedStreamPath));
      source.addEventListener("tray", (message) => {
        const jobs = JSON.parse(message.data) as TrayJob[];
        channel.postMessage(jobs);
        hear(jobs, true);
      });
      source.onerror = () => {
        if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, ASK_MS); // refused: signed out, perhaps
      };
    };
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      source?.close();
      resolve();
    });
    open();
  });
}
