import { expect, test } from "vitest";
import type { JobEvent } from "@/api/types";
import { bestOf, epochsOf, learningRateOf, stepTitle } from "./epochs";

/** An event of a job, with what these tests do not look at left out. */
const event = (kind: JobEvent["kind"], payload: object) => ({ kind, payload }) as JobEvent;
const epoch = (n: number, loss: number, best = false) => event("epoch", { epoch: n, val_loss: loss, best });

test("an epoch that was told twice counts once, as it was told last", () => {
  const epochs = epochsOf([
    epoch(1, 3, true),
    epoch(2, 2, true),
    epoch(2, 1.9, true),
    epoch(3, 2.5),
    event("log", { text: "" }),
  ]);
  expect(epochs.map((item) => [item.epoch, item.val_loss])).toEqual([
    [1, 3],
    [2, 1.9],
    [3, 2.5],
  ]);
  expect(bestOf(epochs)?.epoch).toBe(2);
});

test("the learning rate is the one found last, with its curve", () => {
  expect(learningRateOf([event("log", { text: "" })])).toBeNull();
  const found = (learning_rate: number) => event("learning_rate", { learning_rate, curve: [[0.1, 2]] });
  expect(learningRateOf([found(0.02), found(0.01), epoch(1, 3)])).toEqual({ rate: 0.01, curve: [[0.1, 2]] });
});

test("fits of the head alone are no epochs", () => {
  const fit = { epoch: 1, learning_rate: 0 } as Parameters<typeof stepTitle>[0][number];
  expect(stepTitle([])).toBe("Epoch");
  expect(stepTitle([fit])).toBe("Regularisation strength");
  expect(stepTitle([fit, { ...fit, learning_rate: 0.01 }])).toBe("Epoch");
});
