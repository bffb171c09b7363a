import { expect, test } from "vitest";
import type { Evaluation } from "@/api/types";
import { show } from "@/test/render";
import { Headline } from "./Headline";

const estimate = (value: number | null, low: number | null = null, high: number | null = null) => ({
  value,
  low,
  high,
});
/** With what the headline shows. */
const evaluation = {
  task: "single_label" as const,
  n: 81,
  drawn_by: "patient" as const,
  resamples: 1000,
  thresholds: [],
  classes: [],
  accuracy: estimate(1, 1, 1),
  macro_f1: estimate(0.8, 0.7, 0.9),
  weighted_f1: estimate(0.85, 0.75, 0.95),
  macro_auroc: estimate(null),
  confusion: null,
  notes: [],
} as unknown as Evaluation;

test("the headline gives intervals, says what it rests on, and does not take no error for perfection", () => {
  const { container } = show(<Headline evaluation={evaluation} />);
  expect(container.textContent).toContain("(0.70 to 0.90)");
  expect(container.textContent).toContain("81 recordings");
  expect(container.textContent).toContain("bootstrap over patients");
  expect(container.textContent).toContain("up to 4 %");
  expect(container.textContent).toContain("no interval");
});
