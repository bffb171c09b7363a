import { useLocalStorage } from "@mantine/hooks";
import type { LayoutName } from "@/lib/ecg/layout";

export const SPEEDS = [12.5, 25, 50] as const; // mm/s
export const GAINS = [5, 10, 20] as const; // mm/mV
export const LAYOUTS: readonly { value: LayoutName; label: string }[] = [
  { value: "3x4", label: "3×4" },
  { value: "6x2", label: "6×2" },
  { value: "12x1", label: "12×1" },
];

/** What is drawn: the recording, its waves, its beats laid over each other, or its aligned form (Rlign). */
export const SHOWN = [
  { value: "tracing", label: "Tracing" },
  { value: "waves", label: "Tracing with waves" },
  { value: "beats", label: "Beats superimposed" },
  { value: "aligned", label: "Aligned to 60/min" },
  { value: "aligned-beat", label: "Aligned median beat" },
] as const;
export type Shown = (typeof SHOWN)[number]["value"];

/** Whether time is that of the aligned form, and whether beats are shown in place of a running tracing. */
export function traitsOf(shown: Shown): { aligned: boolean; beats: boolean } {
  return {
    aligned: shown === "aligned" || shown === "aligned-beat",
    beats: shown === "beats" || shown === "aligned-beat",
  };
}

export type View = {
  shown: Shown;
  speed: number;
  gain: number;
  /** null: whatever suits the width. */
  layout: LayoutName | null;
  /** Name of a preprocessing preset; null: the recording as it is. */
  preprocessing: string | null;
};

const USUAL: View = { shown: "tracing", speed: 25, gain: 10, layout: null, preprocessing: null };

/** How tracings are shown; kept from one recording to the next. */
export function useView(): [View, (change: Partial<View>) => void] {
  const [stored, store] = useLocalStorage<View>({
    key: "exchangeai-view",
    defaultValue: USUAL,
    getInitialValueInEffect: false,
  });
  const view: View = {
    ...USUAL,
    ...stored,
    shown: SHOWN.some(({ value }) => value === stored.shown) ? stored.shown : USUAL.shown,
    speed: SPEEDS.some((speed) => speed === stored.speed) ? stored.speed : USUAL.speed,
    gain: GAINS.some((gain) => gain === stored.gain) ? stored.gain : USUAL.gain,
  };
  return [view, (change) => store({ ...view, ...change })];
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
