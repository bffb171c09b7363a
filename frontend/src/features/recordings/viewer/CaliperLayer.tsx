import { VisuallyHidden } from "@mantine/core";
import { type PointerEvent, useRef, useState } from "react";
import { type Calipers, type Point, readingOf, readingText } from "@/lib/ecg/calipers";
import type { Page } from "@/lib/ecg/layout";
import classes from "./paper.module.css";
import { useShortcuts } from "./useShortcuts";

type Props = {
  mm: number; // CSS px a mm
  page: Page;
  speed: number;
  gain: number | null;
  on: boolean;
  onChange: (on: boolean) => void;
};

const FINE_X = 0.25; // mm: 10 ms at 25 mm/s
const FINE_Y = 0.5; // mm: 0.05 mV at 10 mm/mV

/** Measures on the paper: dragged with a pointer, or moved with the arrow keys while the calipers are on. */
export function CaliperLayer({ mm, page, speed, gain, on, onChange }: Props) {
  const [marks, setMarks] = useState<Calipers | null>(null);
  const dragging = useRef<Point | null>(null);
  const usual: Calipers = {
    from: { x: page.left + 10, y: page.rows[0] ?? 10 },
    to: { x: page.left + 30, y: page.rows[0] ?? 10 },
  };
  const shown = on ? (marks ?? usual) : null;

  const at = (event: PointerEvent): Point => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: (event.clientX - box.left) / mm, y: (event.clientY - box.top) / mm };
  };
  const move = (dx: number, dy: number, both: boolean) => {
    const { from, to } = marks ?? usual;
    const shift = (point: Point) => ({ x: point.x + dx, y: point.y + dy });
    setMarks({ from: both ? shift(from) : from, to: shift(to) });
  };
  useShortcuts(
    on
      ? {
          ArrowLeft: () => move(-FINE_X, 0, false),
          ArrowRight: () => move(FINE_X, 0, false),
          ArrowUp: () => move(0, -FINE_Y, false),
          ArrowDown: () => move(0, FINE_Y, false),
          "Shift+ArrowLeft": () => move(-FINE_X * 4, 0, true),
          "Shift+ArrowRight": () => move(FINE_X * 4, 0, true),
          "Shift+ArrowUp": () => move(0, -FINE_Y * 2, true),
          "Shift+ArrowDown": () => move(0, FINE_Y * 2, true),
          Escape: () => onChange(false),
        }
      : {},
  );

  return (
    <div
      className={classes.layer}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        dragging.current = at(event);
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        const from = dragging.current;
        if (!from) return;
        const to = at(event);
        if (!on && Math.hypot(to.x - from.x, to.y - from.y) < 0.8) return; // a click is no measurement
        setMarks({ from, to });
        if (!on) onChange(true);
      }}
      onPointerUp={() => {
        dragging.current = null;
      }}
      onPointerCancel={() => {
        dragging.current = null;
      }}
    >
      {shown && <Marks marks={shown} mm={mm} text={readingText(readingOf(shown, speed, gain))} />}
    </div>
  );
}

function Marks({ marks, mm, text }: { marks: Calipers; mm: number; text: string }) {
  const x1 = marks.from.x * mm;
  const x2 = marks.to.x * mm;
  const y1 = marks.from.y * mm;
  const y2 = marks.to.y * mm;
  return (
    <>
      <svg aria-hidden="true">
        <rect x={Math.min(x1, x2)} y={0} width={Math.abs(x2 - x1)} height="100%" fill="#0c5f6b" opacity={0.07} />
        <g stroke="#0c5f6b" strokeWidth={1.5}>
          <line x1={x1} x2={x1} y1={0} y2="100%" />
          <line x1={x2} x2={x2} y1={0} y2="100%" />
          <line x1={x1} x2={x2} y1={y1} y2={y1} strokeDasharray="5 4" />
          <line x1={x1} x2={x2} y1={y2} y2={y2} strokeDasharray="5 4" />
        </g>
        <circle cx={x2} cy={y2} r={4} fill="#0c5f6b" />
      </svg>
      <div className={classes.reading} style={{ left: `clamp(4px, ${Math.min(x1, x2)}px, calc(100% - 230px))` }}>
        {text}
      </div>
      <VisuallyHidden aria-live="polite">{text}</VisuallyHidden>
    </>
  );
}
