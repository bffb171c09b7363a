/** From places on a drawn sheet to moments, leads and amplitudes of the recording, and back. Pure. */

import type { Cell, Extent, Page } from "./layout";

/** How a recording lies on the sheet: what stands over a tracing (calipers, marks, regions) is placed by it. */
export type Geometry = {
  page: Page;
  mm: number; // CSS px a mm
  speed: number; // mm/s
  gain: number; // mm a unit of the signal
  /** Whether the unit is mV. */
  hasScale: boolean;
  start: number; // s of the recording at the left edge of the tracing
  duration: number; // s of the recording
  extents: readonly Extent[];
};

export type Point = { x: number; y: number }; // CSS px

/** CSS px from the left at which a moment of the recording (s) stands, in every row alike. */
export function xOf({ page, mm, speed, start }: Geometry, seconds: number): number {
  return (page.left + (seconds - start) * speed) * mm;
}

/** The moment of the recording, s, that stands at x; within the recording. */
export function secondsAt({ page, mm, speed, start, duration }: Geometry, x: number): number {
  return Math.min(duration, Math.max(0, start + (x / mm - page.left) / speed));
}

/** CSS px from the top at which a lead's amplitude stands, from its middle, in the unit of the signal. */
export function yOf({ mm, gain }: Geometry, cell: Cell, amplitude: number): number {
  return (cell.baseline - amplitude * (cell.inverted ? -gain : gain)) * mm;
}

/** The amplitude from the middle of a lead that stands at y in its cell. */
export function amplitudeAt({ mm, gain }: Geometry, cell: Cell, y: number): number {
  return (cell.baseline - y / mm) / (cell.inverted ? -gain : gain);
}

/** The panel that a point lies in, or the nearest one. */
export function cellAt({ page, mm, speed }: Geometry, { x, y }: Point): Cell | null {
  const away = (cell: Cell) => {
    const { up = 0, down = 0 } = page.bands[cell.row] ?? {};
    const right = cell.x + cell.seconds * speed;
    const dx = Math.max(0, cell.x - x / mm, x / mm - right);
    const dy = Math.max(0, cell.baseline - up - y / mm, y / mm - cell.baseline - down);
    return 4 * dy + dx;
  };
  return page.cells.reduce<Cell | null>((best, cell) => (!best || away(cell) < away(best) ? cell : best), null);
}

/** The panel of a lead: of those that show it the one that shows the moment, a rhythm strip rather than none. */
export function cellOf({ page, start }: Geometry, name: string, seconds: number): Cell | null {
  const mine = page.cells.filter((cell) => cell.name === name);
  const shows = (cell: Cell) => seconds >= start + cell.start && seconds <= start + cell.start + cell.seconds;
  return mine.find(shows) ?? mine[0] ?? page.cells[0] ?? null;
}

/** Top and bottom of the row of a panel, CSS px. */
export function bandOf({ page, mm }: Pick<Geometry, "page" | "mm">, cell: Cell): { top: number; bottom: number } {
  const { up = 0, down = 0 } = page.bands[cell.row] ?? {};
  return { top: (cell.baseline - up) * mm, bottom: (cell.baseline + down) * mm };
}
