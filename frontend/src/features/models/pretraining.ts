/** What a pre-training says of itself, made ready to be shown. */

import { t } from "@lingui/core/macro";
import type { JobEvent, PretrainingMeasured } from "@/api/types";

const TITLES: Record<string, string> = {
  rlign: t`Aligned beat`,
  rr: t`RR intervals`,
  masked: t`Hidden signal`,
  contrastive: t`Same or other ECG`,
  mmd: t`Spread of the embedding`,
};

/** The measurements in order; a resumed pre-training tells its last one again, and only the later counts. */
export function measurementsOf(events: readonly JobEvent[]): PretrainingMeasured[] {
  const bySteps = new Map<number, PretrainingMeasured>();
  for (const event of events) if (event.kind === "pretraining") bySteps.set(event.payload.steps, event.payload);
  return [...bySteps.values()].sort((a, b) => a.steps - b.steps);
}

/** What an error is called on the page. */
export const lossTitle = (name: string): string => TITLES[name] ?? name;
