/** Of which labels too little is known: the rule of the platform (`FEW` in backend/ml/evaluation/estimate.py). */

import { t } from "@lingui/core/macro";
import type { ClassResult, LabelOutputs } from "@/api/types";

export const FEW = 5;

type Counted = Partial<Pick<ClassResult, "patients_with" | "patients_without">>;

/** How many patients the rarer side has, with the label or without it; infinite where an earlier version did not count. */
export function fewest({ patients_with, patients_without }: Counted): number {
  return Math.min(patients_with ?? Number.POSITIVE_INFINITY, patients_without ?? Number.POSITIVE_INFINITY);
}

/** Whether curves, predictive values and calibration of a label say anything. */
export function enough(counted: Counted): boolean {
  return fewest(counted) >= FEW;
}

export function tooFew(patients: number): string {
  return t`too few to say: ${patients}`;
}

/** Why nothing can be said of telling a label from others: all recordings have it, or none; null where that is not so. */
export function cannotTell(label: string, { n_present, n_absent }: Pick<LabelOutputs, "n_present" | "n_absent">) {
  if (n_absent === 0) return t`Every evaluated recording has ${label}: nothing can be said of telling it from others.`;
  if (n_present === 0) return t`No evaluated recording has ${label}: nothing can be said of finding it.`;
  return null;
}
