/** What a pair of calipers on the paper says. Positions are mm; pure. */

export type Point = { x: number; y: number };
export type Calipers = { from: Point; to: Point };
export type Reading = { ms: number; perMinute: number | null; mV: number | null };

/** Interval in ms, the rate it would be in beats a minute, and the difference in mV (null without a scale). */
export function readingOf(calipers: Calipers, speed: number, gain: number | null): Reading {
  const ms = (Math.abs(calipers.to.x - calipers.from.x) / speed) * 1000;
  return {
    ms,
    perMinute: ms >= 100 ? 60_000 / ms : null,
    mV: gain === null ? null : (calipers.from.y - calipers.to.y) / gain,
  };
}

export function readingText(reading: Reading): string {
  const parts = [`${Math.round(reading.ms)} ms`];
  if (reading.perMinute !== null) parts.push(`${Math.round(reading.perMinute)}/min`);
  if (reading.mV !== null) parts.push(`${reading.mV < 0 ? "−" : "+"}${Math.abs(reading.mV).toFixed(2)} mV`);
  return parts.join(" · ");
}
