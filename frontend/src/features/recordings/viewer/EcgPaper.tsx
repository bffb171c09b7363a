import { t } from "@lingui/core/macro";
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { drawPaper, sharpen, type WaveSpan } from "@/lib/ecg/draw";
import type { Geometry } from "@/lib/ecg/geometry";
import { keptGrid } from "@/lib/ecg/grid";
import {
  type Extent,
  extentsOf,
  fittingGain,
  type LayoutName,
  layOut,
  pixelsPerMm,
  usualLayout,
  windowSeconds,
} from "@/lib/ecg/layout";
import { missingLeads, type Signal } from "@/lib/signal";
import classes from "./paper.module.css";
import { useWidth } from "./useWidth";

/** What stands over the tracing is told where everything is, and by which element places are measured. */
export type Overlay = (geometry: Geometry, sheet: RefObject<HTMLElement | null>) => ReactNode;

export type Drawn = { seconds: number; layout: LayoutName };

type Props = {
  signal: Signal;
  start: number; // s
  speed: number; // mm/s
  gain: number; // mm/mV; a signal without a scale is drawn to fit
  layout: LayoutName | null;
  derived: readonly string[];
  /** CSS px a mm; null: ten seconds fill the width. */
  pxPerMm?: number | null;
  /** Waves to mark on the tracing. */
  waves?: readonly WaveSpan[];
  /** A second recording under this one: `shift` s of it stand where this one begins. */
  beneath?: { signal: Signal; shift: number } | null;
  label: string;
  caption: ReactNode;
  overlay?: Overlay;
  /** Told how many seconds are shown at once and in which layout, which both depend on the width. */
  onShown?: (shown: Drawn) => void;
};

/** ECG paper with a tracing on it, as wide as there is room. */
export function EcgPaper({
  signal,
  start,
  speed,
  gain: chosenGain,
  layout,
  derived,
  pxPerMm = null,
  waves,
  beneath,
  label,
  caption,
  overlay,
  onShown,
}: Props) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [grid] = useState(keptGrid);
  const duration = signal.nSamples / signal.rate;
  const mm = pxPerMm ?? pixelsPerMm(width);
  const name = layout ?? usualLayout(width, duration);
  const seconds = windowSeconds(width, mm, speed, duration);
  const hasScale = signal.unit === "mV";
  const gain = useMemo(() => (hasScale ? chosenGain : fittingGain(signal.samples)), [signal, hasScale, chosenGain]);
  const extents = useMemo(() => extentsOf(signal.samples), [signal]);
  const second = useMemo(() => beneath && extentsOf(beneath.signal.samples), [beneath]);
  const missing = useMemo(() => missingLeads(signal), [signal]);
  const page = useMemo(
    () => layOut(name, seconds, speed, both(extents, second), gain, hasScale ? gain : 0),
    [name, seconds, speed, extents, second, gain, hasScale],
  );
  const height = Math.round(page.height * mm);
  const geometry = useMemo<Geometry>(
    () => ({ page, mm, speed, gain, hasScale, start, duration, extents }),
    [page, mm, speed, gain, hasScale, start, duration, extents],
  );

  // Before the screen shows anything: no tracing is ever seen under the name of another recording.
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d", { alpha: false });
    if (!context || width === 0) return;
    const density = sharpen(context, width, height);
    const paper = {
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
      beneath: beneath && second ? { ...beneath, extents: second } : undefined,
    };
    drawPaper(context, signal, paper, grid);
  }, [grid, signal, page, mm, width, height, speed, gain, extents, start, derived, missing, waves, beneath, second]);

  useEffect(() => {
    if (width > 0) onShown?.({ seconds, layout: name });
  }, [width, seconds, name, onShown]);

  return (
    <figure className={classes.figure}>
      <div ref={ref} className={classes.sheet} style={{ height: width === 0 ? 420 : height }}>
        <canvas ref={canvas} role="img" aria-label={label} className={classes.canvas} />
        {width > 0 && overlay?.(geometry, ref)}
      </div>
      <figcaption className={classes.caption} data-printed={t`printed not to scale`}>
        {caption}
        {page.cutOff && ` · ${t`cut off beyond 40 mm from the middle of a lead`}`}
      </figcaption>
    </figure>
  );
}

/** How far either of two recordings goes from the middle of each lead. */
function both(first: readonly Extent[], second: readonly Extent[] | null | undefined): readonly Extent[] {
  if (!second) return first;
  return first.map((one, lead) => ({
    middle: one.middle,
    up: Math.max(one.up, second[lead]?.up ?? 0),
    down: Math.max(one.down, second[lead]?.down ?? 0),
  }));
}
