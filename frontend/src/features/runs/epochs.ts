/** What the events of a training say, as series to draw. */

import { t } from "@lingui/core/macro";
import type { Epoch, JobEvent } from "@/api/types";

/** The epochs in order; one that was told again after a resumption counts once, as it was told last. */
export function epochsOf(events: readonly JobEvent[]): Epoch[] {
  const byNumber = new Map<number, Epoch>();
  for (const event of events) if (event.kind === "epoch") byNumber.set(event.payload.epoch, event.payload);
  return [...byNumber.values()].sort((a, b) => a.epoch - b.epoch);
}

/** The learning rate that was found and the curve it was read from: [rate, loss]. */
export function learningRateOf(events: readonly JobEvent[]): { rate: number; curve: [number, number][] } | null {
  for (const event of [...events].reverse())
    if (event.kind === "learning_rate")
      return { rate: event.payload.learning_rate, curve: event.payload.curve as [number, number][] };
  return null;
}

/** The best epoch so far: the last that was better than all before it. */
export function bestOf(epochs: readonly Epoch[]): Epoch | null {
  return epochs.findLast((epoch) => epoch.best) ?? null;
}

/** Whether only the head was fitted in it, with one strength of regularisation: there is no learning rate then. */
export function isHeadFit({ learning_rate }: Epoch): boolean {
  return learning_rate === 0;
}

/** Whether the steps of a training are strengths of regularisation, which a fit of the head alone tries in place of epochs. */
export function areStrengths(epochs: readonly Epoch[]): boolean {
  return epochs.length > 0 && epochs.every(isHeadFit);
}

/** What the steps of a training are called. */
/** The axis of whole epochs up to the last one, however few there are; `room` is left behind it, in epochs. */
export function epochAxis(title: string, lastEpoch: number, room = 0.5) {
  const last = Math.max(5, lastEpoch);
  return { title: { text: title }, range: [0.5, last + room], tick0: 1, dtick: Math.ceil(last / 12) };
}

export function stepTitle(epochs: readonly Epoch[]): string {
  return areStrengths(epochs) ? t`Regularisation strength` : t`Epoch`;
}
