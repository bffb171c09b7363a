import { expect, test } from "vitest";
import type { Epoch, Run } from "@/api/types";
import { show } from "@/test/render";
import { BestSoFar } from "./BestSoFar";

const run = (task: string, monitor = "val_loss") =>
  ({ facts: { task }, settings: { training: { monitor } } }) as unknown as Run;
const epoch = (n: number, part: Partial<Epoch> = {}) =>
  ({ epoch: n, val_loss: 0.5, macro_f1: 0.8, macro_auroc: 0.9, learning_rate: 0.01, best: true, ...part }) as Epoch;
const ofValues = { macro_f1: null, macro_auroc: null, macro_r2: 0.42 };

function said(of: Run, epochs: Epoch[], over: boolean): string {
  const { container } = show(<BestSoFar run={of} epochs={epochs} over={over} />);
  return container.querySelector("p")?.textContent ?? "";
}

test("the best epoch is described by the measures of labels or of values", () => {
  const epochs = [epoch(1), epoch(2, { best: false })];
  expect(said(run("single_label"), epochs, true)).toBe(
    "Best epoch: 1, with a validation loss of 0.500, F1 0.800 and AUROC 0.900.",
  );
  expect(said(run("regression"), [epoch(1, ofValues)], false)).toBe(
    "Best epoch so far: 1, with a validation loss of 0.500 and R² 0.420.",
  );
});

test("where the last epoch is kept none is called the best, and a fit of the head has strengths", () => {
  const epochs = [epoch(1), epoch(2)];
  expect(said(run("single_label", "last_epoch"), epochs, true)).toContain("The last epoch is kept: 2");
  expect(said(run("single_label", "last_epoch"), epochs, false)).toContain("will be kept; the latest: 2");
  const strengths = [epoch(1, { learning_rate: 0 }), epoch(2, { learning_rate: 0, best: false })];
  expect(said(run("single_label", "last_epoch"), strengths, true)).toContain("Best regularisation strength: 1");
});
