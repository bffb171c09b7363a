/** What the events of a training say, as series to draw. */

export type Epoch = {
  epoch: number;
  max_epochs: number;
  train_loss: number;
  val_loss: number;
  macro_f1: number | null;
  macro_auroc: number | null;
  /** Of a regression, which has neither F1 nor AUROC. */
  macro_r2?: number | null;
  learning_rate: number;
  seconds: number;
  best: boolean;
  seconds_left: number | null;
};

type Event = { kind: string; payload: Record<string, unknown> };

/** The epochs in order; one that was told again after a resumption counts once, as it was told last. */
export function epochsOf(events: readonly Event[]): Epoch[] {
  const byNumber = new Map<number, Epoch>();
  for (const { kind, payload } of events) {
    if (kind !== "epoch" || typeof payload.epoch !== "number") continue;
    byNumber.set(payload.epoch, payload as Epoch);
  }
  return [...byNumber.values()].sort((a, b) => a.epoch - b.epoch);
}

/** The learning rate that was found and the curve it was read from. */
export function learningRateOf(events: readonly Event[]): { rate: number; curve: [number, number][] } | null {
  const found = events.findLast((event) => event.kind === "learning_rate");
  if (!found || typeof found.payload.learning_rate !== "number") return null;
  const curve = Array.isArray(found.payload.curve) ? (found.payload.curve as [number, number][]) : [];
  return { rate: found.payload.learning_rate, curve };
}

/** The best epoch so far: the last that was better than all before it. */
export function bestOf(epochs: readonly Epoch[]): Epoch | null {
  return epochs.findLast((epoch) => epoch.best) ?? null;
}

/** Whether only the head was fitted in it, with one strength of regularisation: there is no learning rate then. */
export function ofHead({ learning_rate }: Epoch): boolean {
  return learning_rate === 0;
}

/** What the steps of a training are called: a fit of the head alone tries strengths in place of epochs. */
export function stepNoun(epochs: readonly Epoch[]): "Epoch" | "Strength tried" {
  return epochs.length > 0 && epochs.every(ofHead) ? "Strength tried" : "Epoch";
}
