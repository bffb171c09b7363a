/**
 * Where each lead stands on the paper. All lengths are mm of paper; time is s. Pure.
 *
 * Which lead stands beside which is in layouts.json, which is written from the drawing of the backend.
 */

import places from "./layouts.json";
import { LEADS } from "./leads";

export type LayoutName = keyof typeof places;

export const LAYOUTS: Record<LayoutName, { columns: string[][]; rhythm: string[] }> = places;

export type Cell = {
  /** As it is written beside the tracing; a lead that is shown upside down begins with a minus. */
  name: string;
  lead: number; // index in canonical order
  inverted: boolean;
  row: number;
  start: number; // s from the start of the window
  seconds: number;
  x: number; // mm, left edge
  baseline: number; // mm from the top
};

/** How far a row reaches from its baseline, mm; the name of a lead stands at the top of it. */
export type Band = { up: number; down: number };

export type Page = {
  cells: Cell[];
  rows: number[]; // baselines, mm
  bands: Band[]; // of each row
  left: number; // mm; where the tracing begins, right of the calibration pulse
  width: number; // mm
  height: number; // mm
  /** Time the whole width shows, s. */
  seconds: number;
  /** Whether a lead goes further than its row has room for, and is cut off there. */
  cutOff: boolean;
};

/** The middle of a lead and how far it goes up and down from there, in the unit of its signal. */
export type Extent = { middle: number; up: number; down: number };

const MARGIN_SIDES = 15; // mm, left and right together
const MARGIN = 5; // mm, above and below
const GAP = 1; // mm that stay free between rows
/** Room for the name of a lead above all that its row draws, mm. */
export const NAME_ROOM = 5;
const LEAST = { up: 5, down: 3 }; // mm of a row, above and below its baseline
const MOST = 40; // mm; an artefact must not stretch the page without end

/** Room at the left of each row for the calibration pulse of 200 ms and a foot on either side, mm. */
const roomLeft = (speed: number) => Math.max(10, 0.2 * speed + 2);

/**
 * Lay out a window of `seconds` at `speed` mm/s. Columns follow each other in time, as on paper: the second
 * column goes on where the first one ends; rhythm strips show the whole window. With the `extents` of the leads,
 * the `gain` in mm a unit and a calibration pulse that is `pulse` mm high, each row is as high as it needs to be: none
 * reaches into another, and none into the name of a lead. Baselines stand on the lines of the paper.
 */
export function layOut(
  layout: LayoutName,
  seconds: number,
  speed: number,
  extents: readonly Extent[] = [],
  gain = 1,
  pulse = 0,
): Page {
  const { columns, rhythm } = LAYOUTS[layout];
  const left = roomLeft(speed);
  const each = seconds / columns.length;
  const above = columns[0]?.length ?? 0;
  const placed = [
    ...columns.flatMap((names, column) =>
      names.map((name, row) => ({ name, row, start: column * each, seconds: each })),
    ),
    ...rhythm.map((name, row) => ({ name, row: above + row, start: 0, seconds })),
  ].map((one) => ({ ...one, ...leadOf(one.name), x: left + one.start * speed }));

  const needs = Array.from({ length: above + rhythm.length }, (_, row) =>
    placed
      .filter((cell) => cell.row === row)
      .map(({ lead, inverted }) => {
        const { up = 0, down = 0 } = extents[lead] ?? {};
        return inverted ? { up: down * gain, down: up * gain } : { up: up * gain, down: down * gain };
      })
      .reduce((most, one) => ({ up: Math.max(most.up, one.up), down: Math.max(most.down, one.down) }), {
        up: Math.max(LEAST.up, pulse),
        down: LEAST.down,
      }),
  );
  const bands = needs.map(({ up, down }) => ({
    up: Math.ceil(Math.min(MOST, up)) + NAME_ROOM,
    down: Math.ceil(Math.min(MOST, down)),
  }));
  const rows: number[] = [];
  let y = MARGIN;
  for (const { up, down } of bands) {
    rows.push(y + up);
    y += up + down + GAP;
  }
  return {
    cells: placed.map((cell) => ({ ...cell, baseline: rows[cell.row] ?? 0 })),
    rows,
    bands,
    left,
    width: MARGIN_SIDES + seconds * speed,
    height: y - GAP + MARGIN,
    seconds,
    cutOff: needs.some(({ up, down }) => Math.max(up, down) > MOST),
  };
}

/** Which lead a name means, and whether it is shown upside down. */
export function leadOf(name: string): { lead: number; inverted: boolean } {
  const inverted = name.startsWith("-");
  return { lead: (LEADS as readonly string[]).indexOf(inverted ? name.slice(1) : name), inverted };
}

const SMALLEST_MM = 2.4; // CSS px a mm below which the tracing cannot be read
const LARGEST_MM = 8;
const USUAL_SECONDS = 10;
const USUAL_SPEED = 25;

/** CSS pixels a millimetre: ten seconds at 25 mm/s fill the width, within what can be read. */
export function pixelsPerMm(widthPx: number): number {
  const fitting = widthPx / (MARGIN_SIDES + USUAL_SECONDS * USUAL_SPEED);
  return Math.min(LARGEST_MM, Math.max(SMALLEST_MM, fitting));
}

/** Seconds shown at once: what fits the width, at most ten and at most the recording, in steps of half a second. */
export function windowSeconds(widthPx: number, mm: number, speed: number, duration: number): number {
  const fitting = Math.floor(((widthPx / mm - MARGIN_SIDES) / speed) * 2 + 1e-6) / 2;
  return Math.min(duration, USUAL_SECONDS, Math.max(1, fitting));
}

/** The layout to begin with: columns in a row need width, and a short recording would leave each column too short. */
export function usualLayout(widthPx: number, duration: number): LayoutName {
  if (duration < 5 || widthPx < 640) return "12x1";
  return "3x4+1";
}

const FITTED = 18; // mm that the widest lead of a signal without a scale fills
const LOOKED_AT = 50_000; // samples of a lead of which middle and spread are taken; a longer one is thinned for it

/** mm a unit for signals without a scale: the middle 99.8 % of the widest lead fill `height` mm. */
export function fittingGain(samples: readonly Float32Array[], height = FITTED): number {
  let widest = 0;
  for (const lead of samples) {
    const finite = sorted(lead);
    if (finite.length === 0) continue;
    const low = finite[Math.floor(finite.length * 0.001)] ?? 0;
    const high = finite[Math.ceil(finite.length * 0.999) - 1] ?? 0;
    widest = Math.max(widest, high - low);
  }
  return widest > 0 ? height / widest : 1;
}

const extents = new WeakMap<readonly Float32Array[], readonly Extent[]>();

/** The middle of each lead and how far it goes from there, in the unit of the signal; found once for the same samples. */
export function extentsOf(samples: readonly Float32Array[]): readonly Extent[] {
  const found = extents.get(samples) ?? samples.map(extentOf);
  extents.set(samples, found);
  return found;
}

function extentOf(lead: Float32Array): Extent {
  const middle = centre(lead);
  let low = middle;
  let high = middle;
  for (let i = 0; i < lead.length; i++) {
    const value = lead[i] as number;
    if (value > high) high = value;
    else if (value < low) low = value;
  }
  return { middle, up: high - middle, down: middle - low };
}

/** Median of the samples that are there, 0 where there are none; the tracing is centred on it. */
export function centre(lead: Float32Array): number {
  const finite = sorted(lead);
  return finite[finite.length >> 1] ?? 0;
}

function sorted(lead: Float32Array): Float32Array {
  const every = Math.ceil(lead.length / LOOKED_AT);
  const some = every > 1 ? lead.filter((_, index) => index % every === 0) : lead;
  return some.filter(Number.isFinite).sort();
}
