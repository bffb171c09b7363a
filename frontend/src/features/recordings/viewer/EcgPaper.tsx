import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { drawPaper, sharpen, type WaveSpan } from "@/lib/ecg/draw";
import {
  extentsOf,
  fittingGain,
  GRIDS,
  type LayoutName,
  layOut,
  pixelsPerMm,
  usualLayout,
  windowSeconds,
} from "@/lib/ecg/layout";
import type { PaperInSight } from "@/lib/ecg/overlay";
import { missingLeads, type Signal } from "@/lib/signal";
import { CaliperLayer } from "./CaliperLayer";
import classes from "./paper.module.css";
import { useWidth } from "./useWidth";

type Props = {
  signal: Signal;
  start: number; // s
  speed: number; // mm/s
  gain: number; // mm/mV; a signal without a scale is drawn to fit
  layout: LayoutName | null;
  derived: readonly string[];
  /** Waves to mark on the tracing. */
  waves?: readonly WaveSpan[];
  label: string;
  caption: string;
  /** Whether the calipers are out; without it there are none. */
  measuring?: boolean;
  onMeasuring?: (on: boolean) => void;
  /** What lies over the tracing, drawn by whoever knows what it means. */
  overlay?: (paper: PaperInSight) => ReactNode;
  /** Told how many seconds are shown at once and in which layout, which both depend on the width. */
  onShown?: (shown: { seconds: number; layout: LayoutName }) => void;
};

/** ECG paper with a tracing on it, as wide as there is room. */
export function EcgPaper({
  signal,
  start,
  speed,
  gain: chosenGain,
  layout,
  derived,
  waves,
  label,
  caption,
  measuring = false,
  onMeasuring,
  overlay,
  onShown,
}: Props) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const duration = signal.nSamples / signal.rate;
  const mm = pixelsPerMm(width);
  const name = layout ?? usualLayout(width, duration);
  const seconds = windowSeconds(width, mm, speed, duration);
  const gain = useMemo(
    () => (signal.unit === "mV" ? chosenGain : fittingGain(signal.samples, GRIDS[name].rowHeight)),
    [signal, chosenGain, name],
  );
  const extents = useMemo(() => extentsOf(signal.samples), [signal]);
  const missing = useMemo(() => missingLeads(signal), [signal]);
  const pulse = signal.unit === "mV" ? gain : 0;
  const page = useMemo(
    () => layOut(name, seconds, speed, extents, gain, pulse),
    [name, seconds, speed, extents, gain, pulse],
  );
  const height = Math.round(page.height * mm);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || width === 0) return;
    const density = sharpen(context, width, height);
    drawPaper(context, signal, {
      page,
      scale: mm * density,
      letters: 11 * density,
      speed,
      gain,
      extents,
      start,
      derived,
      missing,
      waves,
    });
  }, [signal, page, mm, width, height, speed, gain, extents, start, derived, missing, waves]);

  useEffect(() => {
    if (width > 0) onShown?.({ seconds, layout: name });
  }, [width, seconds, name, onShown]);

  return (
    <figure className={classes.figure}>
      <div ref={ref} className={classes.sheet} style={{ height: width === 0 ? 420 : height }}>
        <canvas ref={canvas} role="img" aria-label={label} className={classes.canvas} />
        {onMeasuring && (
          <CaliperLayer
            mm={mm}
            page={page}
            speed={speed}
            gain={signal.unit === "mV" ? gain : null}
            on={measuring}
            onChange={onMeasuring}
          />
        )}
        {width > 0 && overlay?.({ mm, page, start, speed })}
      </div>
      <figcaption className={classes.caption}>{caption}</figcaption>
    </figure>
  );
}
