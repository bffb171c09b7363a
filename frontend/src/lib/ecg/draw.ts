/** Drawing of ECG paper on a canvas. Where everything stands is in layout.ts and columns.ts. */

import type { Signal } from "@/lib/signal";
import { toLines } from "./columns";
import { COLOURS, drawGrid } from "./grid";
import { type Band, type Cell, type Extent, NAME_ROOM, type Page } from "./layout";
import type { Pen } from "./pen";

export type Paper = {
  page: Page;
  /** Device pixels a mm. */
  scale: number;
  /** Smallest letters, device pixels. */
  letters: number;
  speed: number; // mm/s
  gain: number; // mm a unit of the signal
  extents: readonly Extent[];
  /** Start of the window in the recording, s. */
  start: number;
  derived: readonly string[];
  /** Leads without any sample. */
  missing: readonly string[];
  /** Waves to mark, a list of spans in s of the recording. */
  waves?: readonly WaveSpan[];
  /** Another recording, drawn under this one in its own colour: `shift` s of it stand where this one begins. */
  beneath?: { signal: Signal; extents: readonly Extent[]; shift: number };
};

export type WaveSpan = { name: "P" | "QRS" | "T"; onset: number; offset: number };

/** A peak ends at its sample; and round joins take more than half of the time in which a sheet is drawn. */
const JOIN: CanvasLineJoin = "bevel";

const WAVE_COLOURS: Record<WaveSpan["name"], string> = { P: "#2463c433", QRS: "#b4540033", T: "#1f7a4a33" };

/** Give a canvas of CSS pixels the sharpness of the screen; return its device pixels a CSS pixel. */
export function sharpen({ canvas }: CanvasRenderingContext2D, width: number, height: number): number {
  const density = Math.max(1, window.devicePixelRatio || 1);
  const [w, h] = [Math.round(width * density), Math.round(height * density)];
  // A size that is set anew, even the same, takes new memory: too slow for each frame of a recording that is panned.
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  return density;
}

/** Draw the whole page, on what `grid` draws. `context` belongs to a canvas of page size times scale. */
export function drawPaper<P extends Pen>(
  context: P,
  signal: Signal,
  paper: Paper,
  grid: (context: P, scale: number) => void = drawGrid,
): void {
  grid(context, paper.scale);
  drawCalibration(context, signal, paper);
  if (paper.waves) drawWaves(context, paper, paper.waves);
  if (paper.beneath) {
    const { signal: second, extents, shift } = paper.beneath;
    drawLines(context, second, { ...paper, extents }, { colour: COLOURS.second, shift });
  }
  drawTraces(context, signal, paper);
}

/** The pulse of 1 mV and 200 ms at the left of each row. */
function drawCalibration(context: Pen, signal: Signal, { page, scale, speed, gain }: Paper): void {
  if (signal.unit !== "mV") return;
  const width = 0.2 * speed;
  context.strokeStyle = COLOURS.trace;
  context.lineWidth = lineWidth(scale);
  context.beginPath();
  for (const row of page.rows) {
    const left = (page.left - 1 - width) / 2;
    const points = [
      [left - 0.5, row],
      [left, row],
      [left, row - gain],
      [left + width, row - gain],
      [left + width, row],
      [left + width + 0.5, row],
    ] as const;
    points.forEach(([x, y], index) => {
      if (index === 0) context.moveTo(x * scale, y * scale);
      else context.lineTo(x * scale, y * scale);
    });
  }
  context.stroke();
}

/** Bands under P, QRS and T, lettered below the last row. */
function drawWaves(context: Pen, paper: Paper, waves: readonly WaveSpan[]): void {
  const { page, scale, speed, start } = paper;
  const letters = Math.round(Math.max(2.6 * scale, paper.letters));
  context.font = `600 ${letters}px system-ui, sans-serif`;
  context.textAlign = "center";
  for (const cell of page.cells) {
    const begin = start + cell.start;
    const { up, down } = bandOf(page, cell);
    const top = (cell.baseline - up) * scale;
    const height = (up + down) * scale;
    for (const { name, onset, offset } of waves) {
      const from = Math.max(onset, begin);
      const to = Math.min(offset, begin + cell.seconds);
      if (to <= from) continue;
      const x = (cell.x + (from - begin) * speed) * scale;
      const width = (to - from) * speed * scale;
      context.fillStyle = WAVE_COLOURS[name];
      context.fillRect(x, top, width, height);
      if (cell.baseline === page.rows.at(-1)) {
        context.fillStyle = COLOURS.text;
        const above = name === "QRS" ? letters : 0; // P and QRS are too near each other for one line
        context.fillText(name, x + width / 2, top + height + (letters - above));
      }
    }
  }
  context.textAlign = "start";
}

function drawTraces(context: Pen, signal: Signal, paper: Paper): void {
  const { page, scale } = paper;
  context.font = `600 ${Math.round(Math.max(3.1 * scale, paper.letters))}px system-ui, sans-serif`;
  context.textBaseline = "alphabetic";
  context.lineJoin = JOIN;
  // The names first: no tracing is hidden behind one.
  for (const cell of page.cells) {
    drawLabel(context, cell, paper);
    if (cell.start > 0) drawSeparator(context, cell.x, cell.baseline, scale);
  }
  drawLines(context, signal, paper, { colour: COLOURS.trace, shift: 0 });
}

/** The lines of all leads; `shift` s later than the window says, for a second recording under the first. */
function drawLines(
  context: Pen,
  signal: Signal,
  paper: Paper,
  { colour, shift }: { colour: string; shift: number },
): void {
  const { page, scale, speed, gain, extents, start } = paper;
  for (const cell of page.cells) {
    const samples = signal.samples[cell.lead];
    if (samples === undefined) continue;
    const middle = extents[cell.lead]?.middle ?? 0;
    const sign = cell.inverted ? -gain : gain;
    const { up, down } = bandOf(page, cell);
    const top = cell.baseline - up + NAME_ROOM;
    const bottom = cell.baseline + down;
    const begin = start + cell.start + shift;
    const from = Math.ceil(begin * signal.rate - 1e-6);
    const to = Math.ceil((begin + cell.seconds) * signal.rate - 1e-6);
    const perSample = (speed * scale) / signal.rate;
    const origin = cell.x * scale - begin * speed * scale;
    const lines = toLines(
      samples,
      from,
      to,
      (index) => origin + index * perSample,
      (value) => Math.min(bottom, Math.max(top, cell.baseline - (value - middle) * sign)) * scale,
    );
    context.strokeStyle = colour;
    context.lineWidth = lineWidth(scale);
    context.beginPath();
    for (const line of lines) trace(context, line);
    context.stroke();
  }
}

/** Lay beats over each other around a vertical middle of `baseline` mm, the first of them from `x` mm. */
export function drawBeats(
  context: Pen,
  beats: readonly Float32Array[],
  place: { x: number; baseline: number; middle: number; rate: number; speed: number; gain: number; scale: number },
  look: { colour: string; width: number },
): void {
  const { x, baseline, middle, rate, speed, gain, scale } = place;
  context.strokeStyle = look.colour;
  context.lineWidth = Math.max(1, look.width * scale);
  context.lineJoin = JOIN;
  context.beginPath();
  for (const beat of beats) {
    const lines = toLines(
      beat,
      0,
      beat.length,
      (index) => (x + (index / rate) * speed) * scale,
      (value) => (baseline - (value - middle) * gain) * scale,
    );
    for (const line of lines) trace(context, line);
  }
  context.stroke();
}

function trace(context: Pen, line: readonly number[]): void {
  context.moveTo(line[0] as number, line[1] as number);
  if (line.length === 2) context.lineTo((line[0] as number) + 1, line[1] as number); // a single sample is a dot
  for (let i = 2; i < line.length; i += 2) context.lineTo(line[i] as number, line[i + 1] as number);
}

/** The name of a lead, with what is to be known of it. */
export function labelOf(name: string, { derived, missing }: Pick<Paper, "derived" | "missing">): string {
  const lead = name.replace("-", "");
  if (missing.includes(lead)) return `${name} (missing)`;
  return derived.includes(lead) ? `${name} (derived)` : name;
}

function drawSeparator(context: Pen, x: number, baseline: number, scale: number): void {
  context.fillStyle = COLOURS.separator;
  context.fillRect(Math.round(x * scale), (baseline - 3) * scale, lineWidth(scale), 6 * scale);
}

/** The name stands at the top of the row, above all that is drawn there. */
function drawLabel(context: Pen, cell: Cell, paper: Paper): void {
  const { page, scale } = paper;
  context.fillStyle = COLOURS.text;
  const y = cell.baseline - bandOf(page, cell).up + NAME_ROOM - 1;
  context.fillText(labelOf(cell.name, paper), (cell.x + 1) * scale, y * scale);
}

function bandOf(page: Page, cell: Cell): Band {
  return page.bands[cell.row] ?? { up: 0, down: 0 };
}

function lineWidth(scale: number): number {
  return Math.max(1, 0.28 * scale);
}
