import { useEffect, useState } from "react";
import { createPortal, flushSync } from "react-dom";
import type { Recording } from "@/api/types";
import { drawPaper, type WaveSpan } from "@/lib/ecg/draw";
import { extentsOf, fittingGain, GRIDS, type LayoutName, layOut, windowSeconds } from "@/lib/ecg/layout";
import { type Shape, VectorPen } from "@/lib/ecg/pen";
import { dateTime } from "@/lib/format";
import { missingLeads, type Signal } from "@/lib/signal";
import "./print.css";

const UNITS = 20; // of the drawing a mm
const LETTERS = 2.8; // mm
/** What is left of A4 and of Letter, whichever is smaller, within the margins and beside the text, in mm. */
const ROOM = { landscape: { width: 267, height: 168 }, portrait: { width: 198, height: 240 } } as const;
type Orientation = keyof typeof ROOM;

type Props = {
  recording: Recording;
  signal: Signal;
  start: number; // s
  speed: number; // mm/s
  gain: number; // mm/mV; a signal without a scale is drawn to fit
  layout: LayoutName | null;
  waves?: readonly WaveSpan[];
  caption: string;
};

/** The tracing in true millimetres on a sheet of its own, there only while the page is printed. */
export function PrintedTracing(props: Props) {
  const printing = usePrinting();
  if (!printing) return null;
  return createPortal(
    <div className="ecg-print">
      <Sheet orientation="landscape" {...props} />
      <Sheet orientation="portrait" {...props} />
    </div>,
    document.body,
  );
}

/** Whether the page is being printed; the sheet must stand before the browser lays it out. */
function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const begin = () => flushSync(() => setPrinting(true));
    const end = () => setPrinting(false);
    addEventListener("beforeprint", begin);
    addEventListener("afterprint", end);
    return () => {
      removeEventListener("beforeprint", begin);
      removeEventListener("afterprint", end);
    };
  }, []);
  return printing;
}

function Sheet({ orientation, recording, ...drawn }: Props & { orientation: Orientation }) {
  const { shapes, width, height, from, to } = sheetOf(orientation, recording.derived_leads, drawn);
  const patient = [recording.patient_id && `Patient ${recording.patient_id}`, recording.device].filter(Boolean);
  return (
    <section className={`ecg-print-sheet ${orientation}`} aria-label={`ECG printed in ${orientation} format`}>
      <div className="ecg-print-line">
        <strong>{recording.file_name}</strong>
        <span>{recording.recorded_at ? dateTime(recording.recorded_at) : "Date of recording unknown"}</span>
      </div>
      <div className="ecg-print-line">
        <span>{patient.join(" · ")}</span>
        <span>{`${from.toFixed(1)}–${to.toFixed(1)} s of ${(drawn.signal.nSamples / drawn.signal.rate).toFixed(1)} s`}</span>
      </div>
      <svg width={`${width}mm`} height={`${height}mm`} viewBox={`0 0 ${width * UNITS} ${height * UNITS}`} role="img">
        <title>{`ECG ${recording.file_name}`}</title>
        {shapes.map((shape, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the shapes are drawn once and never move
          <Drawn key={index} shape={shape} />
        ))}
      </svg>
      <div className="ecg-print-line">
        <span>{drawn.caption}</span>
        <span>
          Printed to scale: this bar is 50 mm
          <svg width="50mm" height="2mm" viewBox="0 0 50 2" aria-hidden="true">
            <path d="M0.1 0V2M0.1 1H49.9M49.9 0V2" stroke="#000" strokeWidth={0.2} fill="none" />
          </svg>
        </span>
      </div>
      <div className="ecg-print-line">For research use only. Not a medical device; not for diagnosis or treatment.</div>
    </section>
  );
}

function Drawn({ shape }: { shape: Shape }) {
  if (shape.kind === "area") return <path d={shape.d} fill={shape.fill} />;
  if (shape.kind === "line") {
    return <path d={shape.d} fill="none" stroke={shape.stroke} strokeWidth={shape.width} strokeLinejoin="round" />;
  }
  const { text, x, y, font, anchor, fill } = shape;
  return (
    <text x={x} y={y} style={{ font }} textAnchor={anchor} fill={fill}>
      {text}
    </text>
  );
}

/** The shapes of a sheet in twentieths of a mm, its size in mm, and the part of the recording that is on it, in s. */
export function sheetOf(
  orientation: Orientation,
  derived: readonly string[],
  { signal, start, speed, gain: chosen, layout, waves }: Omit<Props, "recording" | "caption">,
) {
  const room = ROOM[orientation];
  const duration = signal.nSamples / signal.rate;
  const seconds = windowSeconds(room.width, 1, speed, duration);
  const from = Math.max(0, Math.min(start, duration - seconds));
  // Twelve rows are too high for a sheet that lies.
  const name = orientation === "portrait" ? (layout ?? "12x1") : layout === "6x2" ? "6x2" : "3x4";
  const gain = signal.unit === "mV" ? chosen : fittingGain(signal.samples, GRIDS[name].rowHeight);
  const extents = extentsOf(signal.samples);
  const page = layOut(name, seconds, speed, extents, gain, signal.unit === "mV" ? gain : 0);
  const height = Math.min(page.height, room.height);
  const pen = new VectorPen(page.width * UNITS, height * UNITS);
  drawPaper(pen, signal, {
    page,
    scale: UNITS,
    letters: LETTERS * UNITS,
    speed,
    gain,
    extents,
    start: from,
    derived,
    missing: missingLeads(signal),
    waves,
  });
  return { shapes: pen.shapes, width: page.width, height, from, to: from + seconds };
}
