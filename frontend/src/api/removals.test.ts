import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError, OfflineError } from "./client";
import { pathOf, Removals, type Thing, UNDO_MS } from "./removals";
import { showAgain, without } from "./removed";

const RUN: Thing = { kind: "run", projectId: "p", id: "r1", name: "Tiny" };
const OTHER: Thing = { kind: "view", projectId: "p", id: "v1", name: "Mine" };
const PATH = "/api/v1/projects/p/runs/r1";
const ROWS = [{ id: "r1" }, { id: "r2" }];

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
});
afterEach(() => {
  for (const id of ["r1", "v1", "x"]) showAgain(id);
});

function made(send = vi.fn(async (_path: string) => undefined)) {
  return { removals: new Removals({ storage: localStorage, send }), send };
}
const stored = () => Object.keys(localStorage).length;

test("what is deleted is out of all lists at once, and asked for once when the time for an undo is over", async () => {
  const { removals, send } = made();
  removals.remove(RUN);
  expect(without(ROWS)).toEqual([{ id: "r2" }]);
  expect(without({ items: ROWS, total: 7 })).toEqual({ items: [{ id: "r2" }], total: 6 });
  expect(without([{ recording_id: "r1" }])).toEqual([]);
  await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
  expect(send).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(send.mock.calls).toEqual([[PATH]]);
  expect(removals.list()).toEqual([]);
  expect(stored()).toBe(0);
  await removals.leave();
  expect(send).toHaveBeenCalledOnce();
});

test("what is undone is never deleted: not later, not when the page is left, not at the next visit", async () => {
  const { removals, send } = made();
  removals.remove(RUN);
  removals.remove(OTHER);
  removals.undo("r1");
  expect(without(ROWS)).toBe(ROWS);
  await removals.leave();
  await vi.advanceTimersByTimeAsync(2 * UNDO_MS);
  const next = made();
  next.removals.resume(Date.now() + 1e9);
  await vi.advanceTimersByTimeAsync(2 * UNDO_MS);
  expect(send.mock.calls).toEqual([["/api/v1/projects/p/views/v1"]]);
  expect(next.send).not.toHaveBeenCalled();
});

test("who leaves the page has it deleted then, and cannot undo it any more", async () => {
  let answer: () => void = () => undefined;
  const { removals, send } = made(
    vi.fn((_path: string) => new Promise<undefined>((done) => (answer = () => done(undefined)))),
  );
  removals.remove(RUN);
  const left = removals.leave();
  expect(send.mock.calls).toEqual([[PATH]]);
  removals.undo("r1");
  expect(without(ROWS)).toEqual([{ id: "r2" }]);
  answer();
  await left;
  await vi.advanceTimersByTimeAsync(2 * UNDO_MS);
  expect(send).toHaveBeenCalledOnce();
});

test("what the platform refuses to delete is shown again, with the reason, and can be asked for again", async () => {
  const { removals, send } = made();
  send.mockRejectedValueOnce(new ApiError(409, "ConflictError", "It goes on."));
  removals.remove(RUN);
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(removals.list()).toEqual([{ ...RUN, state: "kept", why: "It goes on." }]);
  expect(without(ROWS)).toBe(ROWS);
  send.mockRejectedValueOnce(new OfflineError());
  removals.again("r1");
  await vi.advanceTimersByTimeAsync(0);
  expect(removals.list()[0]?.why).toContain("not responding");
  removals.again("r1");
  await vi.advanceTimersByTimeAsync(0);
  expect(removals.list()).toEqual([]);
  expect(send).toHaveBeenCalledTimes(3);
});

test("a deletion that was cut short is finished at the next visit; what is gone already is no fault", async () => {
  const first = made(vi.fn(() => new Promise<undefined>(() => undefined)));
  first.removals.remove(RUN);
  void first.removals.leave(); // and the window closes before the answer comes
  const next = made();
  next.send.mockRejectedValueOnce(new ApiError(404, "NotFoundError", "There is no such run."));
  next.removals.resume();
  expect(without(ROWS)).toEqual([{ id: "r2" }]);
  await vi.advanceTimersByTimeAsync(0);
  expect(next.send.mock.calls).toEqual([[PATH]]);
  expect(next.removals.list()).toEqual([]);
  expect(stored()).toBe(0);
});

test("one that nobody came to ask for is told and not done by itself; one that waits in another tab is left alone", async () => {
  made().removals.remove(RUN); // the browser breaks down
  const { removals, send } = made();
  removals.resume();
  expect(removals.list()).toEqual([]);
  removals.resume(Date.now() + UNDO_MS + 60_001);
  expect(removals.list()).toEqual([{ ...RUN, state: "kept", why: "The browser was closed before it was deleted." }]);
  expect(send).not.toHaveBeenCalled();
  removals.dismiss("r1");
  expect([removals.list(), stored()]).toEqual([[], 0]);
});

test("the time does not run while somebody is about to undo", async () => {
  const { removals, send } = made();
  removals.remove(RUN);
  removals.hold(true);
  await vi.advanceTimersByTimeAsync(5 * UNDO_MS);
  expect(send).not.toHaveBeenCalled();
  removals.hold(false);
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(send).toHaveBeenCalledOnce();
});

test("what was pressed and is gone holds the next one up no more", async () => {
  const { removals, send } = made();
  removals.remove(RUN);
  removals.hold(true); // the pointer is over “Undo”, and hears nothing more when that is gone
  removals.undo("r1");
  removals.remove(OTHER);
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(send).toHaveBeenCalledOnce();
});

test("every kind of thing has its own place, and names nothing else in it", () => {
  expect(pathOf({ kind: "label_set", projectId: "a b", id: "x/y", name: "" })).toBe(
    "/api/v1/projects/a%20b/annotations/x%2Fy",
  );
  expect(pathOf({ kind: "drift_check", projectId: "p", id: "x", name: "" })).toBe("/api/v1/projects/p/drift-checks/x");
});
