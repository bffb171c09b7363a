import { useQuery } from "@tanstack/react-query";
import { act } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as api from "@/api/jobs";
import type { TrayJob } from "@/api/types";
import { show } from "@/test/render";
import { ASK_MS } from "./feed";
import { useTray } from "./useTray";

const asked = { ward: 0, other: 0, exchange: 0 };
const ask = (what: keyof typeof asked) => async () => ++asked[what];

function Lists() {
  useTray();
  useQuery({ queryKey: ["project", "p", "runs"], queryFn: ask("ward") });
  useQuery({ queryKey: ["project", "other", "runs"], queryFn: ask("other") });
  useQuery({ queryKey: ["exchange", "x", "transfers"], queryFn: ask("exchange") });
  return null;
}

const job = (id: string, status: string, more: Partial<TrayJob> = {}) =>
  ({ id, status, thing: "run", project_id: "p", progress: 0, finished_at: null, ...more }) as TrayJob;
let told: TrayJob[];
const tell = async (...jobs: TrayJob[]) => {
  told = jobs;
  await act(() => vi.advanceTimersByTimeAsync(ASK_MS));
};

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal("BroadcastChannel", undefined); // each tab asks
  vi.spyOn(api, "followedJobs").mockImplementation(async () => told);
  Object.assign(asked, { ward: 0, other: 0, exchange: 0 });
  told = [job("a", "done")];
  show(<Lists />);
  await act(() => vi.advanceTimersByTimeAsync(10));
  expect(asked).toEqual({ ward: 1, other: 1, exchange: 1 }); // what stands there at first is no news
});
afterEach(() => {
  vi.useRealTimers();
});

test("the lists of a project are asked for anew when one of its jobs comes, begins or ends, and not in between", async () => {
  await tell(job("a", "done"), job("b", "queued"));
  expect(asked.ward).toBe(2);
  await tell(job("a", "done"), job("b", "running"));
  expect(asked.ward).toBe(3);
  await tell(job("a", "done"), job("b", "running", { progress: 0.5 }));
  expect(asked.ward).toBe(3);
  await tell(job("a", "done"), job("b", "done"));
  expect(asked).toEqual({ ward: 4, other: 1, exchange: 1 });
});

test("a transfer is news for the exchange too", async () => {
  await tell(job("a", "done"), job("t", "queued", { thing: "transfer" }));
  expect(asked).toEqual({ ward: 2, other: 1, exchange: 2 });
});
