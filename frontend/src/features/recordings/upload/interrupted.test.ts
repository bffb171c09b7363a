import { beforeEach, expect, test, vi } from "vitest";
import { BEAT_MS, forget, interrupted, note } from "./interrupted";
import type { UploadState } from "./uploader";

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

const state = (running: boolean, doneFiles: number) =>
  ({ running, files: 200, doneFiles, importIds: doneFiles > 0 ? ["i1"] : [] }) as unknown as UploadState;
const TOLD = { files: 200, taken: 64, importIds: ["i1"] };

test("an upload that a reload cut short is told of, as far as it had come", () => {
  expect(interrupted("p")).toBeNull();
  note("p", state(true, 0));
  note("p", state(true, 64));
  expect(interrupted("p")).toEqual(TOLD);
  expect(interrupted("another")).toBeNull();
  expect(interrupted("p")).toEqual(TOLD); // until a person says that they have read it
  forget("p");
  expect(interrupted("p")).toBeNull();
});

test("an upload that has ended is none, however it ended", () => {
  note("p", state(true, 64));
  note("p", state(false, 64));
  expect(interrupted("p")).toBeNull();
});

test("an upload that goes on in another tab is none; one whose tab is gone is told of", () => {
  note("p", state(true, 64), 1_000_000);
  sessionStorage.clear(); // as in another tab
  expect(interrupted("p", 1_000_000 + BEAT_MS)).toBeNull();
  expect(interrupted("p", 1_000_000 + 60_000)).toEqual(TOLD);
});

test("a browser that keeps nothing uploads all the same", () => {
  const full = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  expect(() => note("p", state(true, 1))).not.toThrow();
  full.mockRestore();
});
