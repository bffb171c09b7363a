import { expect, test } from "vitest";
import type { JobEvent } from "@/api/types";
import { foldsTested } from "./folds";

const event = (kind: string, payload: object) => ({ kind, payload }) as unknown as JobEvent;

test("folds come in order, and one that was told twice counts once", () => {
  const events = [
    event("fold", { repeat: 2, fold: 1, seconds: 3 }),
    event("log", { text: "…" }),
    event("fold", { repeat: 1, fold: 2, seconds: 1 }),
    event("fold", { repeat: 1, fold: 2, seconds: 2 }),
  ];
  expect(foldsTested(events).map(({ repeat, fold, seconds }) => [repeat, fold, seconds])).toEqual([
    [1, 2, 2],
    [2, 1, 3],
  ]);
});
