/** Calipers: two points of a recording, and what lies between them. They stay where they are when the view changes. Pure. */

import { fixed } from "@/lib/format";

/** A moment (s of the recording), and an amplitude from the middle of the lead (in the unit of the signal). */
export type End = { t: number; v: number };
export type Caliper = {
  id: number;
  /** The lead in which it stands, as written on the sheet. */
  lead: string;
  from: End;
  to: End;
  /** Whether its interval is repeated to both sides. */
  march: boolean;
};
export type Reading = { ms: number; perMinute: number | null; mV: number | null };
export type Handle = "from" | "to" | "whole";

/** Interval in ms, the rate it would be in beats a minute, and the difference in mV (null without a scale). */
export function readingOf({ from, to }: Pick<Caliper, "from" | "to">, hasScale: boolean): Reading {
  const ms = Math.abs(to.t - from.t) * 1000;
  return { ms, perMinute: ms >= 100 ? 60_000 / ms : null, mV: hasScale ? to.v - from.v : null };
}

export function readingText(reading: Reading): string {
  const parts = [`${Math.round(reading.ms)} ms`];
  if (reading.perMinute !== null) parts.push(`${Math.round(reading.perMinute)}/min`);
  if (reading.mV !== null) parts.push(`${reading.mV < 0 ? "−" : "+"}${fixed(Math.abs(reading.mV), 2)} mV`);
  return parts.join(" · ");
}

/** The caliper with an end, or all of it, moved by seconds and amplitude; the whole stays within the recording. */
export function moved(caliper: Caliper, handle: Handle, by: End, duration: number): Caliper {
  const held = (t: number) => Math.min(duration, Math.max(0, t));
  const { from, to } = caliper;
  if (handle !== "whole") {
    const end = caliper[handle];
    return { ...caliper, [handle]: { t: held(end.t + by.t), v: end.v + by.v } };
  }
  const t = Math.min(duration - Math.max(from.t, to.t), Math.max(-Math.min(from.t, to.t), by.t));
  const shift = (end: End) => ({ t: end.t + t, v: end.v + by.v });
  return { ...caliper, from: shift(from), to: shift(to) };
}

const MOST_MARKS = 400;

/** The moments at which the interval of a caliper falls when it is marched out between `begin` and `end`, its own two left out. */
export function marchOut({ from, to }: Pick<Caliper, "from" | "to">, begin: number, end: number): number[] {
  const step = Math.abs(to.t - from.t);
  if (step <= 0 || (end - begin) / step > MOST_MARKS) return [];
  const first = Math.min(from.t, to.t);
  const marks: number[] = [];
  for (let n = Math.ceil((begin - first) / step - 1e-9); first + n * step <= end + 1e-9; n++) {
    if (n !== 0 && n !== 1) marks.push(first + n * step);
  }
  return marks;
}
