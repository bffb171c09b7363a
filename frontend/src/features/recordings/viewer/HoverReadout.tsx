import { type PointerEvent, type RefObject, useEffect, useState } from "react";
import { cellAt, type Geometry, secondsAt, xOf, yOf } from "@/lib/ecg/geometry";
import { fixed } from "@/lib/format";
import type { Signal } from "@/lib/signal";
import classes from "./paper.module.css";

type Props = { sheet: RefObject<HTMLElement | null>; geometry: Geometry; signal: Signal };
type Found = { text: string; x: number; y: number };

/** Lead, moment and amplitude of the sample under the pointer, with a dot on the tracing. */
export function HoverReadout({ sheet, geometry, signal }: Props) {
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    const element = sheet.current;
    if (!element) return;
    const move = (event: Event) => {
      const { clientX, clientY, buttons, pointerType } = event as unknown as PointerEvent;
      if (buttons !== 0 || pointerType === "touch") return setFound(null);
      const box = element.getBoundingClientRect();
      setFound(sampleAt(signal, geometry, { x: clientX - box.left, y: clientY - box.top }));
    };
    const leave = () => setFound(null);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerleave", leave);
    return () => {
      setFound(null); // what is under the pointer now is another place
      element.removeEventListener("pointermove", move);
      element.removeEventListener("pointerleave", leave);
    };
  }, [sheet, geometry, signal]);
  if (!found) return null;
  return (
    <div aria-hidden="true" className={classes.hover}>
      <span className={classes.dot} style={{ left: found.x, top: found.y }} />
      <span className={classes.hoverText}>{found.text}</span>
    </div>
  );
}

/** The sample of the panel under a point; null beside the tracing, or where it is missing. */
export function sampleAt(signal: Signal, geometry: Geometry, point: { x: number; y: number }): Found | null {
  const cell = cellAt(geometry, point);
  if (!cell || point.x < geometry.page.left * geometry.mm) return null;
  const index = Math.round(secondsAt(geometry, point.x) * signal.rate);
  const value = signal.samples[cell.lead]?.[index];
  if (value === undefined || Number.isNaN(value)) return null;
  const seconds = index / signal.rate;
  const away = value - (geometry.extents[cell.lead]?.middle ?? 0);
  const shown = cell.inverted ? -value : value;
  const amplitude = geometry.hasScale ? ` · ${shown < 0 ? "−" : "+"}${fixed(Math.abs(shown), 2)} mV` : "";
  return {
    text: `${cell.name} · ${fixed(seconds, 2)} s${amplitude}`,
    x: xOf(geometry, seconds),
    y: yOf(geometry, cell, away),
  };
}
