import { t } from "@lingui/core/macro";
import { useLocalStorage } from "@mantine/hooks";
import { useMemo } from "react";
import type { Band, Drawing, SignalFilter } from "@/api/recordings";
import { type LayoutName, LAYOUTS as PLACES } from "@/lib/ecg/layout";
import { decimal } from "@/lib/format";

export const SPEEDS = [12.5, 25, 50] as const; // mm/s
export const GAINS = [5, 10, 20] as const; // mm/mV
export const LAYOUTS: readonly { value: LayoutName; label: string }[] = [
  // Not translated: names of leads
  { value: "3x4+1", label: "3×4 + II" },
  // Not translated: names of leads
  { value: "3x4+3", label: "3×4 + V1, II, V5" },
  { value: "3x4", label: "3×4" },
  { value: "6x2", label: "6×2" },
  { value: "12x1", label: "12×1" },
  // Not translated: a name
  { value: "cabrera", label: "Cabrera" },
];
export const BANDS: readonly { value: Band; label: string }[] = [
  { value: "0.05-150", label: decimal("0.05–150 Hz") },
  { value: "0.5-40", label: decimal("0.5–40 Hz") },
];
export const NOTCHES = [50, 60] as const; // Hz

/** What is drawn: the recording, its waves, its beats laid over each other, or its aligned form (Rlign). */
export const SHOWN = [
  { value: "tracing", label: t`Tracing` },
  { value: "waves", label: t`Tracing with waves` },
  { value: "beats", label: t`Beats superimposed` },
  { value: "aligned", label: t`Aligned to 60/min` },
  { value: "aligned-beat", label: t`Aligned median beat` },
] as const;
export type Shown = (typeof SHOWN)[number]["value"];

/** Whether time is that of the aligned form, and whether beats are shown in place of a running tracing. */
export function traitsOf(shown: Shown): { aligned: boolean; beats: boolean } {
  return {
    aligned: shown === "aligned" || shown === "aligned-beat",
    beats: shown === "beats" || shown === "aligned-beat",
  };
}

export type View = SignalFilter & {
  shown: Shown;
  speed: number;
  gain: number;
  /** null: whatever suits the width. */
  layout: LayoutName | null;
  /** Millimetres as on paper, where the display has been calibrated; else ten seconds fill the width. */
  trueSize: boolean;
};

const USUAL: View = {
  shown: "tracing",
  speed: 25,
  gain: 10,
  layout: null,
  preprocessing: null,
  band: null,
  notch: null,
  trueSize: false,
};

/** How tracings are shown; kept from one recording to the next. */
export function useView(): [View, (change: Partial<View>) => void] {
  const [stored, store] = useLocalStorage<View>({
    key: "exchangeai-view",
    defaultValue: USUAL,
    getInitialValueInEffect: false,
  });
  const view = useMemo(() => checked(stored), [stored]);
  return [view, (change) => store({ ...view, ...change })];
}

/** A stored view without what is not offered any more. */
function checked(stored: Partial<View>): View {
  const known = <T>(options: readonly T[], value: T | undefined, usual: T) =>
    value !== undefined && options.includes(value) ? value : usual;
  return {
    ...USUAL,
    ...stored,
    shown: known(
      SHOWN.map(({ value }) => value),
      stored.shown,
      USUAL.shown,
    ),
    speed: known<number>(SPEEDS, stored.speed, USUAL.speed),
    gain: known<number>(GAINS, stored.gain, USUAL.gain),
    layout: stored.layout && stored.layout in PLACES ? stored.layout : null,
    band: known<Band | null>(["0.05-150", "0.5-40"], stored.band, null),
    notch: known<50 | 60 | null>([50, 60], stored.notch, null),
  };
}

/** What the signal is asked for by: a model's preprocessing takes no clinical filter beside it. */
export function signalFilter({ preprocessing, band, notch }: View): SignalFilter {
  return preprocessing === null ? { preprocessing, band, notch } : { preprocessing, band: null, notch: null };
}

/** What a drawing of the platform is asked for by, so that it shows what the screen shows. */
export function drawnAs(view: View): Drawing {
  const { preprocessing, band, notch } = signalFilter(view);
  return {
    speed: view.speed,
    gain: view.gain,
    ...(preprocessing === null ? {} : { preprocessing }),
    ...(band === null ? {} : { filter: band }),
    ...(notch === null ? {} : { notch }),
  };
}

/** What was done to the signal, in words. */
export function filterWords(view: View): string {
  const { preprocessing, band, notch } = signalFilter(view);
  if (preprocessing !== null) return t`as a model reads it: ${preprocessing}`;
  const said = [band && decimal(`${band.replace("-", "–")} Hz`), notch && t`notch ${notch} Hz`].filter(Boolean);
  return said.join(", ") || t`unfiltered`;
}

/** The neighbour of `value` in `options`, the ends staying where they are. */
export function step<T>(options: readonly T[], value: T, by: number): T {
  const index = Math.min(options.length - 1, Math.max(0, options.indexOf(value) + by));
  return options[index] ?? value;
}

/** The next of `options`, beginning again after the last. */
export function cycle<T>(options: readonly T[], value: T): T {
  return options[(options.indexOf(value) + 1) % options.length] ?? value;
}
