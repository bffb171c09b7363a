import { VisuallyHidden } from "@mantine/core";
import { type PointerEvent, useRef } from "react";
import { moved, readingOf, readingText } from "@/lib/ecg/calipers";
import { amplitudeAt, cellAt, type Geometry, type Point, secondsAt } from "@/lib/ecg/geometry";
import classes from "../paper.module.css";
import { useShortcuts } from "../useShortcuts";
import { CaliperMarks } from "./CaliperMarks";
import type { Calipers } from "./useCalipers";

type Props = {
  geometry: Geometry;
  calipers: Calipers;
  on: boolean;
  onChange: (on: boolean) => void;
};

const FINE_S = 0.01;
const FINE_MM = 0.5;
const CLICK_PX = 3; // a click is no measurement

/** Measures on the paper: a new caliper is drawn with a pointer, those that are there are taken by an end or whole. */
export function CaliperLayer({ geometry, calipers, on, onChange }: Props) {
  const drawing = useRef<{ begin: Point; id: number | null } | null>(null);
  const { selected } = calipers;
  const fine = FINE_MM / geometry.gain;

  const nudge = (handle: "to" | "whole", dt: number, dv: number) => () => {
    if (selected) calipers.change(moved(selected, handle, { t: dt, v: dv }, geometry.duration));
  };
  useShortcuts(
    on
      ? {
          ArrowLeft: nudge("to", -FINE_S, 0),
          ArrowRight: nudge("to", FINE_S, 0),
          ArrowUp: nudge("to", 0, fine),
          ArrowDown: nudge("to", 0, -fine),
          "Shift+ArrowLeft": nudge("whole", -4 * FINE_S, 0),
          "Shift+ArrowRight": nudge("whole", 4 * FINE_S, 0),
          "Shift+ArrowUp": nudge("whole", 0, 2 * fine),
          "Shift+ArrowDown": nudge("whole", 0, -2 * fine),
          m: () => selected && calipers.change({ ...selected, march: !selected.march }),
          Delete: () => selected && calipers.remove(selected.id),
          Escape: () => onChange(false),
        }
      : {},
  );

  const draw = (event: PointerEvent) => {
    const now = drawing.current;
    if (!now) return;
    const here = pointIn(event);
    if (now.id === null && Math.hypot(here.x - now.begin.x, here.y - now.begin.y) < CLICK_PX) return;
    const cell = cellAt(geometry, now.begin);
    if (!cell) return;
    const end = ({ x, y }: Point) => ({ t: secondsAt(geometry, x), v: amplitudeAt(geometry, cell, y) });
    const drawn = { lead: cell.name, from: end(now.begin), to: end(here) };
    if (now.id === null) {
      now.id = calipers.add(drawn);
      if (!on) onChange(true);
    } else calipers.change({ ...drawn, id: now.id, march: false });
  };

  return (
    <div
      className={classes.layer}
      onPointerDown={(event) => {
        if (event.button !== 0 || event.target !== event.currentTarget) return;
        drawing.current = { begin: pointIn(event), id: null };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={draw}
      onPointerUp={() => {
        drawing.current = null;
      }}
      onPointerCancel={() => {
        drawing.current = null;
      }}
    >
      {on &&
        calipers.all.map((caliper) => (
          <CaliperMarks
            key={caliper.id}
            caliper={caliper}
            geometry={geometry}
            selected={caliper.id === selected?.id}
            onSelect={() => calipers.select(caliper.id)}
            onChange={calipers.change}
            onRemove={() => calipers.remove(caliper.id)}
          />
        ))}
      {on && selected && (
        <VisuallyHidden aria-live="polite">{readingText(readingOf(selected, geometry.hasScale))}</VisuallyHidden>
      )}
    </div>
  );
}

function pointIn(event: PointerEvent): Point {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}
