/** Regions while they are being marked. Pure. */

import { t } from "@lingui/core/macro";
import type { Region } from "@/api/types";
import { LEADS } from "@/lib/ecg/leads";
import { type PaperInSight, placeAt } from "@/lib/ecg/overlay";

const SHORTEST_MS = 20;

/** The region between two points of the paper: on the lead where it was begun; undefined for what is no stretch. */
export function regionBetween(
  paper: PaperInSight,
  from: { x: number; y: number },
  to: { x: number; y: number },
  label: string,
): Region | undefined {
  const begun = placeAt(paper, from.x, from.y);
  const ended = placeAt(paper, to.x, from.y);
  if (!begun || !ended || begun.lead !== ended.lead || Math.abs(ended.ms - begun.ms) < SHORTEST_MS) return undefined;
  return {
    label,
    leads: [begun.lead],
    from_ms: Math.min(begun.ms, ended.ms),
    to_ms: Math.max(begun.ms, ended.ms),
  };
}

/** Why a region cannot be kept, or nothing. */
export function faultOf(region: Region, durationMs: number): string | null {
  if (region.leads.length === 0) return t`Choose at least one lead.`;
  if (!(region.from_ms >= 0 && region.to_ms > region.from_ms)) return t`It must end after it begins.`;
  if (region.to_ms > durationMs) return t`The ECG ends at ${{ end: Math.round(durationMs) }} ms.`;
  return null;
}

export function regionText({ label, from_ms, to_ms, leads }: Region): string {
  const where = leads.length === LEADS.length ? t`all leads` : leads.join(", ");
  return t`${label}: ${{ from: Math.round(from_ms) }} to ${{ to: Math.round(to_ms) }} ms, ${where}`;
}
