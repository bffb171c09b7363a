import { type PointerEvent, useEffect, useRef } from "react";
import { toLines } from "@/lib/ecg/columns";
import { sharpen } from "@/lib/ecg/draw";
import { COLOURS } from "@/lib/ecg/grid";
import { centre } from "@/lib/ecg/layout";
import { missingLeads, type Signal } from "@/lib/signal";
import classes from "./paper.module.css";
import { useWidth } from "./useWidth";

type Props = {
  signal: Signal;
  start: number; // s
  shown: number; // s
  onChange: (start: number) => void;
};

const HEIGHT = 46; // px

/** The whole recording in one line, lead II or another that is there, with the part shown: click or drag to go there. */
export function OverviewStrip({ signal, start, shown, onChange }: Props) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const duration = signal.nSamples / signal.rate;

  useEffect(() => {
    const context = canvas.current?.getContext("2d", { alpha: false });
    const samples = signal.samples[overviewLead(signal)];
    if (!context || width === 0 || !samples) return;
    const density = sharpen(context, width, HEIGHT);
    const [w, h] = [width * density, HEIGHT * density];
    context.fillStyle = COLOURS.paper;
    context.fillRect(0, 0, w, h);
    const middle = centre(samples);
    const reach = spread(samples, middle);
    const lines = toLines(
      samples,
      0,
      samples.length,
      (index) => (index / samples.length) * w,
      (value) => Math.min(h - 1, Math.max(1, h / 2 - ((value - middle) / reach) * (h / 2 - 2))),
    );
    context.strokeStyle = COLOURS.trace;
    context.lineWidth = Math.max(1, density / 2);
    context.beginPath();
    for (const line of lines) {
      context.moveTo(line[0] as number, line[1] as number);
      for (let i = 2; i < line.length; i += 2) context.lineTo(line[i] as number, line[i + 1] as number);
    }
    context.stroke();
  }, [signal, width]);

  const go = (event: PointerEvent) => {
    if (event.buttons === 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    const seconds = ((event.clientX - box.left) / box.width) * duration;
    onChange(Math.min(duration - shown, Math.max(0, seconds - shown / 2)));
  };
  return (
    <div
      ref={ref}
      className={classes.strip}
      aria-hidden="true" // the slider below does the same for keyboards and screen readers
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={go}
    >
      <canvas ref={canvas} className={classes.canvas} />
      <div
        className={classes.stripWindow}
        style={{ left: `${(100 * start) / duration}%`, width: `${(100 * shown) / duration}%` }}
      />
    </div>
  );
}

/** The index of lead II, or of the first lead that was recorded where II was not. */
export function overviewLead(signal: Pick<Signal, "leads" | "samples">): number {
  const missing = missingLeads(signal);
  const there = signal.leads.filter((lead) => !missing.includes(lead));
  return signal.leads.indexOf(there.includes("II") ? "II" : (there[0] ?? "II"));
}

/** How far most samples go from the middle: a single artefact must not flatten the rest. */
function spread(samples: Float32Array, middle: number): number {
  const every = Math.max(1, Math.floor(samples.length / 20_000));
  const away: number[] = [];
  for (let i = 0; i < samples.length; i += every) {
    const value = Math.abs((samples[i] as number) - middle);
    if (Number.isFinite(value)) away.push(value);
  }
  away.sort((a, b) => a - b);
  return 1.3 * (away[Math.floor(away.length * 0.998)] ?? 0) || 1;
}
