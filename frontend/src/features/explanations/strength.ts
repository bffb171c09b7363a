/** How strongly places of a map are coloured, and how their numbers are written. Pure. */

import { t } from "@lingui/core/macro";
import type { ExplainedSpan, ExplanationMap } from "@/api/types";
import type { Stretch } from "@/lib/ecg/overlay";
import { fixed } from "@/lib/format";

/** For the label orange, against it blue: told apart by people who see red and green alike, and by hatching too. */
export const SIDES = { for: "194, 87, 0", against: "33, 87, 176" } as const;
export type Side = keyof typeof SIDES;

export const METHODS: Record<ExplanationMap["method"], { title: string; how: string }> = {
  waves: {
    title: t`By wave`,
    how: t`Each wave of each lead is replaced, in all beats, by the straight line between its ends: by how much does the answer change?`,
  },
  leads: {
    title: t`By lead`,
    how: t`Each lead is replaced by its isoelectric line: by how much does the answer change? What one lead shows, others may show too.`,
  },
  gradients: {
    title: t`Gradients`,
    how: t`Integrated gradients: what each sample adds to the answer on the way from the isoelectric lines to the ECG, averaged over the beats.`,
  },
  weights: {
    title: t`Weights`,
    how: t`The weights of the linear model, drawn on the aligned beat: where the ECG lies higher than usual, orange speaks for the label. The table has what the waves of this ECG add.`,
  },
};

export const WAVES: Record<string, string> = {
  P: t`P wave`,
  QRS: t`QRS complex`,
  ST: t`ST segment`,
  T: t`T wave`,
  rest: t`Between`,
};

/** Share of the strongest, -1 to 1; 0 where nothing is known. */
export function shareOf(value: number | null | undefined, most: number): number {
  return value === null || value === undefined || most <= 0 ? 0 : Math.max(-1, Math.min(1, value / most));
}

export function mostOf(values: readonly (readonly (number | null)[])[]): number {
  return Math.max(0, ...values.flatMap((row) => row.map((value) => Math.abs(value ?? 0))));
}

/** The paint of a share: none where it is too weak to be seen. */
export function paintOf(share: number): { side: Side; alpha: number } | null {
  const strength = Math.abs(share);
  return strength < 0.08 ? null : { side: share > 0 ? "for" : "against", alpha: 0.06 + 0.4 * strength };
}

export function signed(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  const text = fixed(size, size >= 100 ? 0 : 2);
  return `${/^[0.,]+$/.test(text) ? "" : value > 0 ? "+" : "−"}${text}`;
}

export type Painted = Stretch & { share: number };

/** The stretches of the recording that are painted, lead by lead. */
export function painted(
  map: ExplanationMap,
  leads: readonly string[],
  waves: readonly string[],
  spans: readonly ExplainedSpan[],
): Painted[] {
  if (map.cells === null) {
    const most = mostOf([map.totals]);
    const from = Math.min(...spans.map(({ from_ms }) => from_ms), Number.POSITIVE_INFINITY);
    const to = Math.max(...spans.map(({ to_ms }) => to_ms), 0);
    const all = spans.length > 0 ? { from_ms: from, to_ms: to } : { from_ms: 0, to_ms: 3_600_000 };
    return leads.map((lead, row) => ({ ...all, leads: [lead], share: shareOf(map.totals[row], most) }));
  }
  const most = mostOf(map.cells);
  return spans.flatMap(({ from_ms, to_ms, wave }) => {
    const column = waves.indexOf(wave);
    return column < 0
      ? []
      : leads.map((lead, row) => ({
          from_ms,
          to_ms,
          leads: [lead],
          share: shareOf(map.cells?.[row]?.[column], most),
        }));
  });
}
