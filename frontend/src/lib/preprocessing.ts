/** A preprocessing as the platform writes it, in a few words; its presets are described by the platform itself. */

import { hertz, plain } from "./format";

export type Preprocessing = Record<string, unknown>;

const number = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** Name and value of what matters most, for a preprocessing that is no preset. */
export function preprocessingFacts(value: Preprocessing): [name: string, value: string | null][] {
  const rate = number(value.rate);
  const window = number(value.window_s);
  const band = Array.isArray(value.bandpass) ? value.bandpass.map(plain).join(" to ") : null;
  const baseline = number(value.baseline_ms);
  return [
    ["Sampling rate", rate === null ? null : hertz(rate)],
    ["Length", window === null ? null : `${plain(window)} s`],
    ["Band-pass", band && `${band} Hz`],
    ["High-pass", number(value.high_pass) === null ? null : `${plain(value.high_pass)} Hz`],
    ["Baseline", baseline === null ? null : `moving median over ${plain(baseline)} ms subtracted`],
    ["Amplitudes", amplitudes(value)],
    ["Beats", value.align ? `aligned (${plain(value.align)})` : null],
  ];
}

function amplitudes(value: Preprocessing): string {
  if (value.standardise === "lead") return "each lead to mean 0 and standard deviation 1";
  if (value.standardise === "recording") return "the recording to mean 0 and standard deviation 1";
  if (value.standardise === "minmax") return "the recording to −1 to 1";
  const units = number(value.units_per_mv) ?? 1;
  return units === 1 ? "in mV" : units === 1000 ? "in µV" : `1/${plain(units)} mV`;
}
