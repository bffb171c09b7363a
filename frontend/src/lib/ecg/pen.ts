/** What an ECG is drawn with: the 2D context of a canvas on the screen, or vectors on paper. */

type Verbs = "beginPath" | "moveTo" | "lineTo" | "stroke" | "fillRect" | "fillText" | "strokeText";
type Looks = "fillStyle" | "strokeStyle" | "lineWidth" | "lineJoin" | "font" | "textAlign" | "textBaseline";

/** The part of a 2D context that drawing an ECG needs. */
export type Pen = Pick<CanvasRenderingContext2D, Verbs | Looks> & { canvas: { width: number; height: number } };

/** A piece of a drawing, as an SVG has it. */
export type Shape =
  | { kind: "area"; d: string; fill: string }
  | { kind: "line"; d: string; stroke: string; width: number }
  | { kind: "text"; text: string; x: number; y: number; font: string; anchor: "start" | "middle"; fill: string };

/** Draws into a list of shapes; one unit is what a pixel is on a canvas. */
export class VectorPen implements Pen {
  fillStyle = "";
  strokeStyle = "";
  lineWidth = 1;
  lineJoin: CanvasLineJoin = "round";
  font = "";
  textAlign: CanvasTextAlign = "start";
  textBaseline: CanvasTextBaseline = "alphabetic";
  readonly canvas: { width: number; height: number };
  readonly shapes: Shape[] = [];
  private path: string[] = [];

  constructor(width: number, height: number) {
    this.canvas = { width, height };
  }

  beginPath() {
    this.path = [];
  }
  moveTo(x: number, y: number) {
    this.path.push(`M${exact(x)} ${exact(y)}`);
  }
  lineTo(x: number, y: number) {
    this.path.push(`L${exact(x)} ${exact(y)}`);
  }
  stroke() {
    if (this.path.length === 0) return;
    this.shapes.push({ kind: "line", d: this.path.join(""), stroke: this.strokeStyle, width: this.lineWidth });
  }
  fillRect(x: number, y: number, width: number, height: number) {
    const d = `M${exact(x)} ${exact(y)}h${exact(width)}v${exact(height)}h${exact(-width)}z`;
    const last = this.shapes.at(-1);
    // The lines of a grid are one shape, not hundreds.
    if (last?.kind === "area" && last.fill === this.fillStyle) last.d += d;
    else this.shapes.push({ kind: "area", d, fill: this.fillStyle });
  }
  fillText(text: string, x: number, y: number) {
    const anchor = this.textAlign === "center" ? "middle" : "start";
    this.shapes.push({ kind: "text", text, x, y, font: this.font, anchor, fill: this.fillStyle });
  }
  /** The light rim that keeps letters readable on a screen is left out: on paper it would hide the tracing. */
  strokeText() {}
}

/** Thousandths of a unit are far finer than any printer. */
function exact(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
