import { t } from "@lingui/core/macro";
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { type Caliper, type Handle, marchOut, moved, readingOf, readingText } from "@/lib/ecg/calipers";
import { bandOf, cellOf, type Geometry, xOf, yOf } from "@/lib/ecg/geometry";
import classes from "./calipers.module.css";

type Props = {
  caliper: Caliper;
  geometry: Geometry;
  selected: boolean;
  onSelect: () => void;
  onChange: (caliper: Caliper) => void;
  onRemove: () => void;
};

const HANDLES: readonly [handle: Handle, name: (lead: string) => string][] = [
  ["whole", (lead) => t`Caliper in ${lead}`],
  ["from", (lead) => t`First end of the caliper in ${lead}`],
  ["to", (lead) => t`Second end of the caliper in ${lead}`],
];
const KEYS: Record<string, readonly [t: number, v: number]> = {
  ArrowLeft: [-0.01, 0],
  ArrowRight: [0.01, 0],
  ArrowUp: [0, 0.5],
  ArrowDown: [0, -0.5],
};

/** One caliper: its two lines, its interval marched out, its reading, and what it is taken by. */
export function CaliperMarks({ caliper, geometry, selected, onSelect, onChange, onRemove }: Props) {
  const grabbed = useRef<{ x: number; y: number; caliper: Caliper } | null>(null);
  const cell = cellOf(geometry, caliper.lead, Math.min(caliper.from.t, caliper.to.t));
  if (!cell) return null;
  const { start, page, mm, gain, duration } = geometry;
  const x = { from: xOf(geometry, caliper.from.t), to: xOf(geometry, caliper.to.t) };
  const y = { from: yOf(geometry, cell, caliper.from.v), to: yOf(geometry, cell, caliper.to.v) };
  const band = bandOf(geometry, cell);
  const left = Math.min(x.from, x.to);
  const width = Math.abs(x.to - x.from);
  const text = readingText(readingOf(caliper, geometry.hasScale));
  const sign = cell.inverted ? -1 : 1;

  const grab = (event: PointerEvent) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    grabbed.current = { x: event.clientX, y: event.clientY, caliper };
    onSelect();
  };
  const pull = (handle: Handle) => (event: PointerEvent) => {
    const begin = grabbed.current;
    if (!begin) return;
    const by = {
      t: (event.clientX - begin.x) / mm / geometry.speed,
      v: (sign * (begin.y - event.clientY)) / mm / gain,
    };
    onChange(moved(begin.caliper, handle, by, duration));
  };
  const release = () => {
    grabbed.current = null;
  };
  const press = (handle: Handle) => (event: KeyboardEvent) => {
    if (event.key === "Delete" || event.key === "Backspace") onRemove();
    else if (event.key === "m") onChange({ ...caliper, march: !caliper.march });
    else if (KEYS[event.key]) {
      const [t, v] = KEYS[event.key] as readonly [number, number];
      const more = event.shiftKey ? 4 : 1;
      onChange(moved(caliper, handle, { t: t * more, v: (sign * v * more) / gain }, duration));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const places: Record<Handle, { left: number; top: number; width: number; height: number }> = {
    whole: { left, top: Math.min(y.from, y.to) - 9, width, height: Math.abs(y.to - y.from) + 18 },
    from: { left: x.from - 8, top: band.top, width: 16, height: band.bottom - band.top },
    to: { left: x.to - 8, top: band.top, width: 16, height: band.bottom - band.top },
  };
  return (
    <div className={selected ? classes.selected : classes.caliper}>
      <svg aria-hidden="true" className={classes.lines}>
        {caliper.march &&
          marchOut(caliper, start, start + page.seconds).map((t) => (
            <line key={t} className={classes.march} x1={xOf(geometry, t)} x2={xOf(geometry, t)} y1={0} y2="100%" />
          ))}
        <rect className={classes.span} x={left} y={band.top} width={width} height={band.bottom - band.top} />
        {(["from", "to"] as const).map((end) => (
          <g key={end}>
            <line x1={x[end]} x2={x[end]} y1={selected ? 0 : band.top} y2={selected ? "100%" : band.bottom} />
            <line className={classes.level} x1={x.from} x2={x.to} y1={y[end]} y2={y[end]} />
            <circle cx={x[end]} cy={y[end]} r={4} />
          </g>
        ))}
      </svg>
      {HANDLES.map(([handle, name]) => (
        <div
          key={handle}
          role="slider"
          tabIndex={0}
          aria-label={name(caliper.lead)}
          aria-valuenow={Math.round(1000 * (handle === "to" ? caliper.to.t : caliper.from.t))}
          aria-valuemin={0}
          aria-valuemax={Math.round(1000 * duration)}
          aria-valuetext={text}
          className={handle === "whole" ? classes.whole : classes.end}
          style={places[handle]}
          onPointerDown={grab}
          onPointerMove={pull(handle)}
          onPointerUp={release}
          onPointerCancel={release}
          onFocus={onSelect}
          onKeyDown={press(handle)}
        />
      ))}
      <div
        className={classes.reading}
        style={{ left: `clamp(4px, ${left}px, calc(100% - 190px))`, top: selected ? 1 : band.bottom - 12 }}
      >
        {text}
      </div>
    </div>
  );
}
