import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as api from "@/api/jobs";
import type { Job, JobEvent } from "@/api/types";
import { followJob, POLL_MS } from "./follow";
import { takeSlot } from "./slots";

const job = (status: Job["status"]) => ({ id: "j", status, progress: 0.5 }) as Job;
const event = (number: number, kind = "log") =>
  ({ number, kind, payload: { text: String(number) } }) as unknown as JobEvent;

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
  say(kind: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) }));
  }
}

let held: Set<string>;

function stubLocks(taken: string[] = []) {
  held = new Set(taken);
  vi.stubGlobal("navigator", {
    locks: {
      request: async (name: string, _options: object, callback: (lock: object | null) => Promise<void> | void) => {
        if (held.has(name)) return callback(null);
        held.add(name);
        await callback({});
        held.delete(name);
      },
    },
  });
}

function listen() {
  const seen = { numbers: [] as number[], jobs: [] as string[], ended: 0 };
  const stop = followJob("p", "j", {
    onJob: ({ status }) => seen.jobs.push(status),
    onEvents: (events) => seen.numbers.push(...events.map(({ number }) => number)),
    onEnd: () => seen.ended++,
  });
  return { seen, stop };
}

beforeEach(() => {
  vi.useFakeTimers();
  Source.all = [];
  vi.stubGlobal("EventSource", Source);
  stubLocks();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a free place gives a stream, and what it replays is not told twice", async () => {
  vi.spyOn(api, "getJob").mockResolvedValue(job("running"));
  vi.spyOn(api, "getEvents").mockResolvedValue([event(1), event(2)]);
  const { seen, stop } = listen();
  await vi.advanceTimersByTimeAsync(1);
  const [source] = Source.all;
  for (const number of [1, 2, 3]) source?.say("log", event(number));
  source?.say("epoch", event(4, "epoch"));
  expect(seen.numbers).toEqual([1, 2, 3, 4]);
  stop();
  expect(source?.readyState).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(held.size).toBe(0);
});

test("with all places taken it asks every two seconds, until the job is over", async () => {
  stubLocks(["exchangeai-stream-1", "exchangeai-stream-2"]);
  const getJob = vi.spyOn(api, "getJob").mockResolvedValue(job("running"));
  const getEvents = vi
    .spyOn(api, "getEvents")
    .mockImplementation(async (_, __, after) => (after < 2 ? [event(after + 1)] : []));
  const { seen } = listen();
  await vi.advanceTimersByTimeAsync(2 * POLL_MS);
  expect(Source.all).toHaveLength(0);
  expect(seen.numbers).toEqual([1, 2]);
  getJob.mockResolvedValue(job("done"));
  await vi.advanceTimersByTimeAsync(POLL_MS);
  expect(seen.ended).toBe(1);
  getEvents.mockClear();
  await vi.advanceTimersByTimeAsync(5 * POLL_MS);
  expect(getEvents).not.toHaveBeenCalled();
});

test("a finished job opens no stream", async () => {
  vi.spyOn(api, "getJob").mockResolvedValue(job("done"));
  vi.spyOn(api, "getEvents").mockResolvedValue([event(1)]);
  const { seen } = listen();
  await vi.advanceTimersByTimeAsync(1);
  expect(Source.all).toHaveLength(0);
  expect(seen).toEqual({ numbers: [1], jobs: ["done"], ended: 1 });
});

test("a stream that the server closes for good is followed by asking", async () => {
  vi.spyOn(api, "getJob").mockResolvedValue(job("running"));
  const getEvents = vi.spyOn(api, "getEvents").mockResolvedValue([]);
  const { stop } = listen();
  await vi.advanceTimersByTimeAsync(1);
  const [source] = Source.all;
  source?.close();
  source?.onerror?.();
  getEvents.mockClear();
  await vi.advanceTimersByTimeAsync(2 * POLL_MS);
  expect(getEvents.mock.calls.length).toBeGreaterThanOrEqual(2);
  stop();
});

test("nothing is open while the tab is hidden, and it goes on where it was when it is seen again", async () => {
  vi.spyOn(api, "getJob").mockResolvedValue(job("running"));
  const getEvents = vi.spyOn(api, "getEvents").mockResolvedValue([event(1)]);
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(false);
  const { seen, stop } = listen();
  await vi.advanceTimersByTimeAsync(1);
  hidden.mockReturnValue(true);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(Source.all[0]?.readyState).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(held.size).toBe(0);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(1);
  expect(getEvents).toHaveBeenLastCalledWith("p", "j", 1, expect.anything());
  expect(Source.all).toHaveLength(2);
  expect(seen.numbers).toEqual([1]);
  stop();
});

test("two places are there for all tabs, and a place given back can be taken again", async () => {
  const places = [await takeSlot(), await takeSlot()];
  expect(places.every(Boolean)).toBe(true);
  expect(await takeSlot()).toBeNull();
  places[1]?.();
  await vi.advanceTimersByTimeAsync(1);
  expect(await takeSlot()).not.toBeNull();
});

test("a browser without locks gets no stream", async () => {
  vi.stubGlobal("navigator", {});
  expect(await takeSlot()).toBeNull();
});

test("the stream tells the state of the job, and at its end the job is asked for once more", async () => {
  const getJob = vi.spyOn(api, "getJob").mockResolvedValue(job("running"));
  vi.spyOn(api, "getEvents").mockResolvedValue([]);
  const { seen } = listen();
  await vi.advanceTimersByTimeAsync(1);
  const [source] = Source.all;
  source?.say("job", job("queued"));
  for (const kind of ["note", "result", "status", "pretraining", "learning_rate"]) {
    source?.say(kind, event(seen.numbers.length + 1, kind));
  }
  expect(seen.jobs).toEqual(["running", "queued"]);
  expect(seen.numbers).toEqual([1, 2, 3, 4, 5]);
  getJob.mockResolvedValue(job("failed"));
  source?.say("end", {});
  await vi.advanceTimersByTimeAsync(1);
  expect(seen.jobs.at(-1)).toBe("failed");
  expect(seen.ended).toBe(1);
  expect(held.size).toBe(0);
});

test("events are told in the order of their numbers", async () => {
  vi.spyOn(api, "getJob").mockResolvedValue(job("done"));
  vi.spyOn(api, "getEvents").mockResolvedValue([event(3), event(1), event(2)]);
  const { seen } = listen();
  await vi.advanceTimersByTimeAsync(1);
  expect(seen.numbers).toEqual([1, 2, 3]);
});

test("a platform that is down for a while ends nothing", async () => {
  stubLocks(["exchangeai-stream-1", "exchangeai-stream-2"]);
  const getJob = vi.spyOn(api, "getJob").mockRejectedValue(new Error("down"));
  vi.spyOn(api, "getEvents").mockResolvedValue([event(1)]);
  const { seen, stop } = listen();
  await vi.advanceTimersByTimeAsync(3 * POLL_MS);
  expect(seen.numbers).toEqual([]);
  getJob.mockResolvedValue(job("running"));
  await vi.advanceTimersByTimeAsync(POLL_MS);
  expect(seen.numbers).toEqual([1]);
  stop();
});

test("nothing is asked for in a tab that is hidden from the start", async () => {
  const getJob = vi.spyOn(api, "getJob").mockResolvedValue(job("running"));
  vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  const { stop } = listen();
  await vi.advanceTimersByTimeAsync(2 * POLL_MS);
  expect(getJob).not.toHaveBeenCalled();
  stop();
});
