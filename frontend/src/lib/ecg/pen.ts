/** What an ECG is drawn with: the part of a canvas' 2D context that drawing one needs. */

type Verbs = "beginPath" | "moveTo" | "lineTo" | "stroke" | "fillRect" | "fillText";
type Looks = "fillStyle" | "strokeStyle" | "lineWidth" | "lineJoin" | "font" | "textAlign" | "textBaseline";

export type Pen = Pick<CanvasRenderingContext2D, Verbs | Looks> & { canvas: { width: number; height: number } };
