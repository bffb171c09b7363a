import { useEffect, useMemo, useRef } from "react";
import { drawBeats, labelOf, sharpen } from "@/lib/ecg/draw";
import { COLOURS, drawGrid } from "@/lib/ecg/grid";
import { extentsOf } from "@/lib/ecg/layout";
import { missingLeads } from "@/lib/signal";
import classes from "./paper.module.css";
import { useWidth } from "./useWidth";

type Props = {
  leads: string[];
  derived: readonly string[];
  /** The beats of each lead, all of one length. */
  beats: readonly (readonly Float32Array[])[];
  /** One beat a lead drawn stronger over the others. */
  typical: Float32Array[];
  rate: number; // Hz
  speed: number; // mm/s
  gain: number; // mm a unit of the signal
  label: string;
  caption: string;
};

const GAP = 4; // mm
/** Room of a row above and below its baseline, mm: it grows with the beats, but not with artefacts. */
const ABOVE = { letters: 8, least: 19, most: 60 };
const BELOW = { letters: 3, least: 13, most: 60 };

/** Each lead on its own piece of ECG paper, its beats laid over each other. */
export function BeatGrid({ leads, derived, beats, typical, rate, speed, gain, label, caption }: Props) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const seconds = (typical[0]?.length ?? 0) / rate;
  const cell = seconds * speed + GAP;
  const columns = [6, 4, 3, 2, 1].find((n) => width / (n * cell) >= 2.6) ?? 1;
  const mm = width === 0 ? 3 : Math.min(5, width / (columns * cell + GAP));
  const extents = useMemo(() => extentsOf(typical), [typical]);
  const missing = useMemo(() => missingLeads({ leads, samples: typical }), [leads, typical]);
  const above = room(
    extents.map(({ up }) => up * gain),
    ABOVE,
  );
  const row =
    above +
    room(
      extents.map(({ down }) => down * gain),
      BELOW,
    );
  const height = Math.round((Math.ceil(leads.length / columns) * row + GAP) * mm);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || width === 0) return;
    const density = sharpen(context, width, height);
    const scale = mm * density;
    drawGrid(context, scale);
    // Not translated: a font
    context.font = `600 ${Math.round(Math.max(3.1 * scale, 11 * density))}px system-ui, sans-serif`;
    leads.forEach((lead, index) => {
      const place = {
        x: GAP + (index % columns) * cell,
        baseline: GAP / 2 + Math.floor(index / columns) * row + above,
        middle: extents[index]?.middle ?? 0,
        rate,
        speed,
        gain,
        scale,
      };
      drawBeats(context, beats[index] ?? [], place, { colour: COLOURS.beat, width: 0.25 });
      drawBeats(context, [typical[index] ?? new Float32Array()], place, { colour: COLOURS.median, width: 0.4 });
      context.fillStyle = COLOURS.text;
      context.fillText(labelOf(lead, { derived, missing }), place.x * scale, (place.baseline - above + 5) * scale);
    });
  }, [
    leads,
    derived,
    missing,
    beats,
    typical,
    extents,
    rate,
    speed,
    gain,
    width,
    height,
    mm,
    columns,
    cell,
    row,
    above,
  ]);

  return (
    <figure className={classes.figure}>
      <div ref={ref} className={classes.sheet} style={{ height: width === 0 ? 420 : height, cursor: "default" }}>
        <canvas ref={canvas} role="img" aria-label={label} className={classes.canvas} />
      </div>
      <figcaption className={classes.caption}>{caption}</figcaption>
    </figure>
  );
}

function room(reach: readonly number[], { letters, least, most }: typeof ABOVE): number {
  return Math.min(most, Math.max(least, Math.ceil(letters + Math.max(0, ...reach))));
}
