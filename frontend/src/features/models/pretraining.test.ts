import { expect, test } from "vitest";
import type { JobEvent } from "@/api/types";
import { lossTitle, measurementsOf } from "./pretraining";

const measured = (number: number, steps: number, rlign: number) =>
  ({ number, kind: "pretraining", payload: { steps, passes: 16 * steps, held_out: { rlign } } }) as unknown as JobEvent;

test("measurements stand in the order of their steps, each once, as it was told last", () => {
  const other = { number: 2, kind: "log", payload: { text: "resumed" } } as unknown as JobEvent;
  const rows = measurementsOf([measured(1, 20, 0.8), other, measured(3, 10, 0.9), measured(4, 20, 0.7)]);
  expect(rows.map((row) => [row.steps, row.held_out.rlign])).toEqual([
    [10, 0.9],
    [20, 0.7],
  ]);
});

test("an error without a title is called as it is", () => {
  expect([lossTitle("rlign"), lossTitle("values")]).toEqual(["Aligned beat", "values"]);
});
