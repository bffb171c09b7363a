/** How far estimated values lie from the measured ones. */

import type { TargetResult } from "@/api/types";

/**
 * The limits of agreement (Bland and Altman 1986): bias ± 1.96 standard deviations of the differences. Of all test
 * recordings, also where only some of them are drawn: the mean of their squares is the variance and the squared mean.
 */
export function limitsOfAgreement({ support, bias, rmse }: TargetResult): { low: number; high: number } | null {
  if (bias.value === null || rmse.value === null || support < 2) return null;
  const variance = (Math.max(0, rmse.value ** 2 - bias.value ** 2) * support) / (support - 1);
  const half = 1.96 * Math.sqrt(variance);
  return { low: bias.value - half, high: bias.value + half };
}
