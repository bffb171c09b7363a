/** A drawn ECG taken apart again: pulses of a height and time of their own in each lead, and the lines they became. */

import { drawPaper, type Paper } from "@/lib/ecg/draw";
import { extentsOf, type LayoutName, layOut } from "@/lib/ecg/layout";
import { LEADS } from "@/lib/ecg/leads";
import type { Signal } from "@/lib/signal";
import { type Point, Recorder, type Stroke } from "@/test/canvas";

// The printed sheet, as it is read: one list a row of the paper. Written out here, not taken from the code.
const STANDARD = [
  ["I", "aVR", "V1", "V4"],
  ["II", "aVL", "V2", "V5"],
  ["III", "aVF", "V3", "V6"],
];
export const SHEETS: Record<LayoutName, string[][]> = {
  "3x4": STANDARD,
  "3x4+1": [...STANDARD, ["II"]],
  "3x4+3": [...STANDARD, ["V1"], ["II"], ["V5"]],
  "6x2": [
    ["I", "V1"],
    ["II", "V2"],
    ["III", "V3"],
    ["aVR", "V4"],
    ["aVL", "V5"],
    ["aVF", "V6"],
  ],
  "12x1": [["I"], ["II"], ["III"], ["aVR"], ["aVL"], ["aVF"], ["V1"], ["V2"], ["V3"], ["V4"], ["V5"], ["V6"]],
  cabrera: [
    ["aVL", "V1"],
    ["I", "V2"],
    ["-aVR", "V3"],
    ["II", "V4"],
    ["aVF", "V5"],
    ["III", "V6"],
  ],
};
export const NAMES = Object.keys(SHEETS) as LayoutName[];
export const SECONDS = 10;
export const ROOM_LEFT = 10; // mm before the first second, at up to 40 mm/s

/** The height of the pulses of a lead in mV, which no other lead has; every other lead points downwards. */
export const heightOf = (lead: number) => (lead % 2 === 0 ? 1 : -1) * (0.2 + 0.05 * lead);

/** The lead that a name on the sheet means, and which way up it is shown. */
export function leadNamed(text: string): { lead: number; sign: 1 | -1 } {
  const sign = text.startsWith("-") ? -1 : 1;
  return { lead: (LEADS as readonly string[]).indexOf(text.replace("-", "")), sign };
}

/** Ten seconds in which each lead has a pulse of 100 ms in every second, of its own height and at its own time. */
export function pulses(rate: number, unit: Signal["unit"] = "mV"): Signal {
  const samples = LEADS.map((_, lead) =>
    Float32Array.from({ length: SECONDS * rate }, (_, i) => {
      const phase = i / rate - Math.floor(i / rate) - (0.1 + 0.025 * lead);
      return phase >= -1e-9 && phase < 0.1 - 1e-9 ? heightOf(lead) : 0;
    }),
  );
  return { rate, nSamples: SECONDS * rate, leads: [...LEADS], unit, samples };
}

export type Look = { layout: LayoutName; speed: number; gain: number; scale: number; seconds: number; start: number };
export const USUAL: Look = { layout: "3x4+1", speed: 25, gain: 10, scale: 4, seconds: SECONDS, start: 0 };

/** Draw, and take apart what was drawn: the lines of the traces and the pulses before them, in mm of the paper. */
export function drawn(signal: Signal, look: Partial<Look> = {}, change: Partial<Paper> = {}) {
  const { layout, speed, gain, scale, seconds, start } = { ...USUAL, ...look };
  const extents = extentsOf(signal.samples);
  const page = layOut(layout, seconds, speed, extents, gain, signal.unit === "mV" ? gain : 0);
  const recorder = new Recorder(Math.round(page.width * scale), Math.round(page.height * scale));
  const paper = { page, scale, letters: 11, speed, gain, extents, start, derived: [], missing: [], ...change };
  drawPaper(recorder, signal, paper);
  const inMm = ({ points, ...rest }: Stroke) => ({
    ...rest,
    points: points.map(([x, y]): Point => [x / scale, y / scale]),
  });
  const lines = recorder.strokes.map(inMm);
  const start0 = (line: Stroke) => line.points[0]?.[0] ?? 0;
  return {
    page,
    recorder,
    calibration: lines.filter((line) => start0(line) < page.left - 1e-6),
    traces: lines.filter((line) => start0(line) >= page.left - 1e-6),
    labels: recorder.letters.map(({ text, x, y }) => ({ text, x: x / scale, y: y / scale })),
  };
}

export const heights = (line: Stroke | undefined) => line?.points.map(([, y]) => y) ?? [];
/** The height at which a trace mostly runs. */
export const baselineOf = (line: Stroke) =>
  [...heights(line)].sort((a, b) => a - b)[line.points.length >> 1] ?? Number.NaN;
/** How far a trace leaves its baseline in mm, upwards positive. */
export function deflectionOf(line: Stroke): number {
  const baseline = baselineOf(line);
  const far = heights(line).map((y) => baseline - y);
  return far.reduce((most, one) => (Math.abs(one) > Math.abs(most) ? one : most), 0);
}
/** Where a trace leaves its baseline, in mm from the left. */
export const onsetsOf = (line: Stroke) => {
  const baseline = baselineOf(line);
  return line.points
    .filter(
      ([, y], i) => Math.abs(y - baseline) > 1e-6 && Math.abs((heights(line)[i - 1] ?? baseline) - baseline) < 1e-6,
    )
    .map(([x]) => x);
};
/** The trace that belongs to a name: the one that runs closest below its letters, from about where they stand. */
export function traceUnder(label: { x: number; y: number }, traces: readonly Stroke[]): Stroke {
  const here = traces.filter(
    (line) => Math.abs((line.points[0]?.[0] ?? 0) - label.x) < 3 && baselineOf(line) > label.y,
  );
  const [closest] = here.sort((a, b) => baselineOf(a) - baselineOf(b));
  if (!closest) throw new Error("There is no trace below the name of the lead.");
  return closest;
}
