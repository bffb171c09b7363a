/** What the events of a cross-validation say. */

import { t } from "@lingui/core/macro";
import type { Fold, HowTested, JobEvent } from "@/api/types";

/** "Cross-validation, 5 folds × 10 repeats". */
export function crossValidationText(folds: number, repeats: number): string {
  return repeats === 1 ? t`Cross-validation, ${folds} folds` : t`Cross-validation, ${folds} folds × ${repeats} repeats`;
}

/** "Cross-validation by device, 3 folds". */
export function bySourceText(by: HowTested["folds_by"], folds: number): string {
  return {
    patient: crossValidationText(folds, 1),
    device: t`Cross-validation by device, ${folds} folds`,
    folder: t`Cross-validation by folder, ${folds} folds`,
    format: t`Cross-validation by file format, ${folds} folds`,
    import: t`Cross-validation by import, ${folds} folds`,
  }[by];
}

/** The folds that were tested, in order; one that was told again after a resumption counts once. */
export function foldsTested(events: readonly JobEvent[]): Fold[] {
  const found = new Map<string, Fold>();
  for (const event of events)
    if (event.kind === "fold") found.set(`${event.payload.repeat}-${event.payload.fold}`, event.payload);
  return [...found.values()].sort((a, b) => a.repeat - b.repeat || a.fold - b.fold);
}
