/** A canvas that remembers what was drawn on it, in place of one that shows it. */

import type { Pen } from "@/lib/ecg/pen";

export type Point = readonly [x: number, y: number];
export type Stroke = { points: Point[]; colour: string; width: number };
export type Fill = { x: number; y: number; width: number; height: number; colour: string };
export type Letters = { text: string; x: number; y: number; align: string; font: string; colour: string };

/** What is asked of a 2D context while ECGs are drawn; all lengths in device pixels, y downwards. */
export class Recorder implements Pen {
  canvas: { width: number; height: number };
  fillStyle = "";
  strokeStyle = "";
  lineWidth = 1;
  lineJoin: CanvasLineJoin = "round";
  font = "";
  textAlign: CanvasTextAlign = "start";
  textBaseline: CanvasTextBaseline = "alphabetic";

  /** Each piece of line by itself: a new one begins wherever the pen was lifted. */
  strokes: Stroke[] = [];
  fills: Fill[] = [];
  letters: Letters[] = [];
  private pieces: Point[][] = [];

  constructor(width = 1200, height = 600) {
    this.canvas = { width, height };
  }

  beginPath() {
    this.pieces = [];
  }
  moveTo(x: number, y: number) {
    this.pieces.push([[x, y]]);
  }
  lineTo(x: number, y: number) {
    this.pieces.at(-1)?.push([x, y]);
  }
  stroke() {
    this.strokes.push(...this.pieces.map((points) => ({ points, colour: this.strokeStyle, width: this.lineWidth })));
  }
  fillRect(x: number, y: number, width: number, height: number) {
    this.fills.push({ x, y, width, height, colour: this.fillStyle });
  }
  fillText(text: string, x: number, y: number) {
    this.letters.push({ text, x, y, align: this.textAlign, font: this.font, colour: this.fillStyle });
  }
}
