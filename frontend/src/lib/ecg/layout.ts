/** Where each lead stands on the paper. All lengths are mm of paper; time is s. Pure. */

export type LayoutName = "3x4" | "6x2" | "12x1";

export type Cell = {
  lead: number; // index in canonical order
  start: number; // s from the start of the window
  seconds: number;
  x: number; // mm, left edge
  baseline: number; // mm from the top
};

export type Page = {
  cells: Cell[];
  rows: number[]; // baselines, mm
  rowHeight: number; // mm
  left: number; // mm; where the tracing begins, right of the calibration pulse
  width: number; // mm
  height: number; // mm
  /** Time the whole width shows, s. */
  seconds: number;
};

/** The middle of a lead and how far it goes up and down from there, in the unit of its signal. */
export type Extent = { middle: number; up: number; down: number };

const MARGIN_SIDES = 15; // mm, left and right together
const MARGIN = 5; // mm, above and below

/** Room at the left of each row for the calibration pulse of 200 ms and a foot on either side, mm. */
const roomLeft = (speed: number) => Math.max(10, 0.2 * speed + 2);

const LARGEST_BEYOND = 40; // mm; an artefact must not stretch the page without end
const RHYTHM_LEAD = 1; // II

export const GRIDS: Record<LayoutName, { columns: number[][]; rhythm: boolean; rowHeight: number }> = {
  "3x4": {
    columns: [
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
      [9, 10, 11],
    ],
    rhythm: true,
    rowHeight: 25,
  },
  "6x2": {
    columns: [
      [0, 1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10, 11],
    ],
    rhythm: false,
    rowHeight: 20,
  },
  "12x1": { columns: [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]], rhythm: false, rowHeight: 18 },
};

/**
 * Lay out a window of `seconds` at `speed` mm/s. Columns follow each other in time, as on paper: the second
 * column goes on where the first one ends; the rhythm strip shows the whole window. With the `extents` of the leads
 * and the `gain` in mm a unit, nothing is cut off at the edges of the page, nor is a calibration pulse that is `pulse`
 * mm high; rows may still reach into each other.
 */
export function layOut(
  name: LayoutName,
  seconds: number,
  speed: number,
  extents: readonly Extent[] = [],
  gain = 1,
  pulse = 0,
): Page {
  const grid = GRIDS[name];
  const left = roomLeft(speed);
  const columnSeconds = seconds / grid.columns.length;
  const nRows = (grid.columns[0]?.length ?? 0) + (grid.rhythm ? 1 : 0);
  const first = grid.columns.map((leads) => leads[0] ?? 0);
  const last = grid.rhythm ? [RHYTHM_LEAD] : grid.columns.map((leads) => leads.at(-1) ?? 0);
  const beyond = (leads: number[], side: "up" | "down", least = 0) => {
    const reaches = leads.map((lead) => (extents[lead]?.[side] ?? 0) * gain);
    return Math.min(LARGEST_BEYOND, Math.max(0, Math.max(least, ...reaches) - grid.rowHeight / 2));
  };
  const top = MARGIN + Math.ceil(beyond(first, "up", pulse));
  const rows = Array.from({ length: nRows }, (_, row) => top + (row + 0.5) * grid.rowHeight);
  const cells = grid.columns.flatMap((leads, column) =>
    leads.map((lead, row) => ({
      lead,
      start: column * columnSeconds,
      seconds: columnSeconds,
      x: left + column * columnSeconds * speed,
      baseline: rows[row] ?? 0,
    })),
  );
  if (grid.rhythm) {
    cells.push({ lead: RHYTHM_LEAD, start: 0, seconds, x: left, baseline: rows[nRows - 1] ?? 0 });
  }
  return {
    cells,
    rows,
    rowHeight: grid.rowHeight,
    left,
    width: MARGIN_SIDES + seconds * speed,
    height: top + nRows * grid.rowHeight + Math.ceil(beyond(last, "down")) + MARGIN,
    seconds,
  };
}

const SMALLEST_MM = 2.4; // CSS px a mm below which the tracing cannot be read
const LARGEST_MM = 5;
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
  return "3x4";
}

/** mm a unit for signals without a scale: the middle 99.8 % of the widest lead fill most of a row. */
export function fittingGain(samples: readonly Float32Array[], rowHeight: number): number {
  let widest = 0;
  for (const lead of samples) {
    const finite = lead.filter(Number.isFinite).sort();
    if (finite.length === 0) continue;
    const low = finite[Math.floor(finite.length * 0.001)] ?? 0;
    const high = finite[Math.ceil(finite.length * 0.999) - 1] ?? 0;
    widest = Math.max(widest, high - low);
  }
  return widest > 0 ? (0.9 * rowHeight) / widest : 1;
}

/** The middle of each lead and how far it goes from there, in the unit of the signal. */
export function extentsOf(samples: readonly Float32Array[]): Extent[] {
  return samples.map((lead) => {
    const middle = centre(lead);
    let up = 0;
    let down = 0;
    for (const value of lead) {
      if (value - middle > up) up = value - middle;
      if (middle - value > down) down = middle - value;
    }
    return { middle, up, down };
  });
}

/** Median of the samples that are there, 0 where there are none; the tracing is centred on it. */
export function centre(lead: Float32Array): number {
  const finite = lead.filter(Number.isFinite).sort();
  return finite[finite.length >> 1] ?? 0;
}
