/** From measured waves to the spans that are marked on a tracing. */

import type { Measurements } from "@/api/types";
import type { WaveSpan } from "@/lib/ecg/draw";

const NAMES = [
  ["P", "p"],
  ["QRS", "qrs"],
  ["T", "t"],
] as const;

/** The waves with both an onset and an offset, in s. */
export function spansOf(waves: Measurements["waves"]): WaveSpan[] {
  return waves.flatMap((beat) =>
    NAMES.flatMap(([name, wave]) => {
      const onset = beat[`${wave}_onset`];
      const offset = beat[`${wave}_offset`];
      return onset === null || offset === null ? [] : [{ name, onset, offset }];
    }),
  );
}
