/** ECG paper without a tracing. */

import type { Pen } from "./pen";

export const COLOURS = {
  paper: "#fffdfb",
  fine: "#f7dad5",
  bold: "#e9a9a0",
  trace: "#12181f",
  text: "#3b4650",
  separator: "#8b98a3",
  second: "#b45400",
  beat: "#12181f66",
  median: "#0b5563",
};

/** Fill the canvas with paper of `scale` device pixels a mm. */
export function drawGrid(context: Pen, scale: number): void {
  const width = context.canvas.width;
  const height = context.canvas.height;
  context.fillStyle = COLOURS.paper;
  context.fillRect(0, 0, width, height);
  const hair = Math.max(1, Math.round(scale / 6));
  for (const [every, colour, skip] of [
    [1, COLOURS.fine, 5],
    [5, COLOURS.bold, 0],
  ] as const) {
    context.fillStyle = colour;
    for (let mm = 0; mm * scale <= width; mm += every) {
      if (skip === 0 || mm % skip !== 0) context.fillRect(Math.round(mm * scale), 0, hair, height);
    }
    for (let mm = 0; mm * scale <= height; mm += every) {
      if (skip === 0 || mm % skip !== 0) context.fillRect(0, Math.round(mm * scale), width, hair);
    }
  }
}

/**
 * Paper that is drawn twice and then copied. While one pans its lines, which stay where they are, would take half as
 * long as those of all leads.
 */
export function keptGrid(): (context: CanvasRenderingContext2D, scale: number) => void {
  let size = "";
  let kept: HTMLCanvasElement | null = null;
  return (context, scale) => {
    const { width, height } = context.canvas;
    const now = [width, height, scale].join(" ");
    if (size !== now) {
      size = now;
      kept = null;
      drawGrid(context, scale);
      return;
    }
    kept ??= sheet(width, height, scale);
    if (kept) context.drawImage(kept, 0, 0);
    else drawGrid(context, scale);
  };
}

function sheet(width: number, height: number, scale: number): HTMLCanvasElement | null {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) return null;
  drawGrid(context, scale);
  return canvas;
}
