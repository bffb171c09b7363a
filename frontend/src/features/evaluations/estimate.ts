/** A measured number with its interval, and how it is written. */

import { t } from "@lingui/core/macro";
import type { Estimate } from "@/api/types";
import { signed } from "@/lib/format";

/** An estimate; what earlier versions wrote does not say why a number is withheld. */
export type Measured = Pick<Estimate, "value" | "low" | "high"> & { withheld?: string | null };

/** "0.812 (0.774 to 0.849)"; that there is no interval where there is none; "too few to say: 3" where it is withheld. */
export function withInterval(estimate: Measured, digits = 3): string {
  if (estimate.value === null) return estimate.withheld ?? "–";
  return `${signed(estimate.value, digits)} (${intervalOf(estimate, digits) ?? t`no interval`})`;
}

export function intervalOf({ low, high }: Measured, digits: number): string | null {
  if (low === null || high === null) return null;
  const [from, to] = [signed(low, digits), signed(high, digits)];
  return t`${from} to ${to}`;
}
