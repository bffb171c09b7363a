/** What lies over a tracing: where stretches of time on leads are on the paper, and what a point of it means. Pure. */

import { bandOf, type Geometry } from "./geometry";
import { LEADS } from "./leads";

/** The sheet as it is seen, as far as times and leads are concerned. */
export type PaperInSight = Pick<Geometry, "mm" | "page" | "start" | "speed">;

export type Stretch = { from_ms: number; to_ms: number; leads: readonly string[] };
/** All lengths in CSS px from the upper left corner of the sheet. */
export type Box = { x: number; y: number; width: number; height: number };

/** The boxes of a stretch of time: one for each place where one of its leads shows some of it. */
export function boxesOf(paper: PaperInSight, { from_ms, to_ms, leads }: Stretch): Box[] {
  const { mm, page, start, speed } = paper;
  return page.cells.flatMap((cell) => {
    const lead = LEADS[cell.lead];
    if (lead === undefined || !leads.includes(lead)) return [];
    const from = Math.max(0, from_ms / 1000 - start - cell.start);
    const to = Math.min(cell.seconds, to_ms / 1000 - start - cell.start);
    if (to <= from) return [];
    const { top, bottom } = bandOf(paper, cell);
    return [{ x: (cell.x + from * speed) * mm, y: top, width: (to - from) * speed * mm, height: bottom - top }];
  });
}

/** The lead and the time, in ms from the start of the recording, under a point in CSS px; undefined beside the leads. */
export function placeAt(paper: PaperInSight, x: number, y: number): { lead: string; ms: number } | undefined {
  const { mm, page, start, speed } = paper;
  const near = (baseline: number) => Math.abs(y / mm - baseline);
  const inTime = page.cells.filter((cell) => x / mm >= cell.x && x / mm <= cell.x + cell.seconds * speed);
  const cell = inTime.sort((a, b) => near(a.baseline) - near(b.baseline))[0];
  const lead = cell && LEADS[cell.lead];
  if (!cell || lead === undefined) return undefined;
  return { lead, ms: Math.round((start + cell.start + (x / mm - cell.x) / speed) * 1000) };
}
