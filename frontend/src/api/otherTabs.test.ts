import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** A channel between tabs that works at once. */
class Channel {
  static all = new Set<Channel>();
  onmessage: ((message: { data: string }) => void) | null = null;
  constructor() {
    Channel.all.add(this);
  }
  postMessage(data: string) {
    for (const other of Channel.all) if (other !== this) other.onmessage?.({ data });
  }
  close() {
    Channel.all.delete(this);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules(); // the module opens its channel when it is loaded
  Channel.all.clear();
  vi.stubGlobal("BroadcastChannel", Channel);
});
afterEach(() => vi.unstubAllGlobals());

const PATH = "/api/v1/projects/p/annotations/s/readings/r";

async function tab() {
  const { listenToOthers, tellOthers } = await import("./otherTabs");
  const queries = new QueryClient();
  const keys = {
    set: ["project", "p", "annotations", "one", "s", "Anna"],
    inHand: ["project", "p", "annotations", "one", "s", "Anna", "recording", "r"],
    signal: ["project", "p", "signal", "r"],
    other: ["project", "q", "annotations", ""],
    projects: ["projects"],
  };
  for (const key of Object.values(keys)) queries.setQueryData(key, 1);
  const stop = listenToOthers(queries);
  const stale = () =>
    Object.entries(keys)
      .filter(([, key]) => queries.getQueryState(key)?.isInvalidated)
      .map(([name]) => name);
  return { tellOthers, stop, stale };
}

test("what another tab has changed is asked for again, once for many changes; what is in a reader's hand is left", async () => {
  const { tellOthers, stale } = await tab();
  for (let n = 0; n < 5; n++) tellOthers("PUT", PATH);
  expect(stale()).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(stale()).toEqual(["set", "projects"]);
});

test("what only asks changes nothing in other tabs", async () => {
  const { tellOthers, stale } = await tab();
  tellOthers("GET", PATH);
  tellOthers("POST", "/api/v1/projects/p/runs/estimate");
  tellOthers("POST", "/api/v1/codes");
  vi.advanceTimersByTime(5000);
  expect(stale()).toEqual([]);
});

test("a hidden tab asks when it is looked at, and one that is gone asks nothing", async () => {
  const { tellOthers, stale, stop } = await tab();
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  tellOthers("PUT", PATH);
  vi.advanceTimersByTime(5000);
  expect(stale()).toEqual([]);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(stale()).toEqual(["set", "projects"]);
  hidden.mockRestore();
  stop();
  tellOthers("PUT", PATH);
  vi.advanceTimersByTime(5000);
});
