import { beforeEach, expect, test, vi } from "vitest";
import * as api from "@/api/jobs";
import type { TrayJob } from "@/api/types";
import { ASK_MS, followTray } from "./feed";

class Source extends EventTarget {
  static readonly CLOSED = 2;
  static all: Source[] = [];
  readyState = 1;
  onerror: (() => void) | null = null;
  constructor(readonly url: string) {
    super();
    Source.all.push(this);
  }
  close = () => {
    this.readyState = 2;
  };
  say(ids: string[]) {
    const data = JSON.stringify(ids.map((id) => ({ id })));
    this.dispatchEvent(new MessageEvent("tray", { data }));
  }
}

/** Channels of all tabs of this test, told at once. */
class Channel {
  static all: Channel[] = [];
  onmessage: ((message: { data: unknown }) => void) | null = null;
  constructor() {
    Channel.all.push(this);
  }
  postMessage(data: unknown) {
    for (const other of Channel.all) if (other !== this) other.onmessage?.({ data });
  }
  close() {
    Channel.all = Channel.all.filter((one) => one !== this);
  }
}

/** One lock that is passed on in the order of asking. */
function stubLocks() {
  let last: Promise<unknown> = Promise.resolve();
  vi.stubGlobal("navigator", {
    locks: {
      request: (_name: string, { signal }: { signal: AbortSignal }, hold: () => Promise<void>) => {
        last = last.then(() => (signal.aborted ? undefined : hold()));
        return last;
      },
    },
  });
}

const tab = () => {
  const heard: [string, boolean][] = [];
  const leave = followTray((jobs, leads) => heard.push([jobs.map(({ id }) => id).join(), leads]));
  return { heard, leave };
};
const moment = () => vi.advanceTimersByTimeAsync(1);

beforeEach(() => {
  vi.useFakeTimers();
  Source.all = [];
  Channel.all = [];
  vi.stubGlobal("EventSource", Source);
  vi.stubGlobal("BroadcastChannel", Channel);
  vi.spyOn(api, "followedJobs").mockResolvedValue([{ id: "first" }] as TrayJob[]);
  stubLocks();
});

test("of many tabs one holds the stream, and all hear the same", async () => {
  const [one, two, three] = [tab(), tab(), tab()];
  await moment();
  expect(Source.all.map(({ url }) => url)).toEqual(["/api/v1/jobs/stream?language=en"]);
  Source.all[0]?.say(["a", "b"]);
  expect(one.heard.at(-1)).toEqual(["a,b", true]);
  expect(two.heard.at(-1)).toEqual(["a,b", false]);
  one.leave();
  await moment();
  expect(Source.all).toHaveLength(2); // the next one has taken over
  expect(Source.all[0]?.readyState).toBe(2);
  Source.all[1]?.say(["c"]);
  expect(two.heard.at(-1)).toEqual(["c", true]);
  expect(three.heard.at(-1)).toEqual(["c", false]);
  two.leave();
  three.leave();
});

test("a stream that is refused is opened again after a while", async () => {
  const { leave } = tab();
  await moment();
  const [source] = Source.all;
  source?.close();
  source?.onerror?.();
  await vi.advanceTimersByTimeAsync(ASK_MS + 1);
  expect(Source.all).toHaveLength(2);
  leave();
  await vi.advanceTimersByTimeAsync(10 * ASK_MS);
  expect(Source.all).toHaveLength(2);
});

test("without locks each tab asks, and not while nobody looks at it", async () => {
  vi.stubGlobal("navigator", {});
  const { heard, leave } = tab();
  await vi.advanceTimersByTimeAsync(2 * ASK_MS + 1);
  expect(heard).toEqual([
    ["first", false],
    ["first", false],
    ["first", false],
  ]);
  expect(Source.all).toEqual([]);
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  await vi.advanceTimersByTimeAsync(3 * ASK_MS);
  expect(heard).toHaveLength(3);
  hidden.mockRestore();
  leave();
});
