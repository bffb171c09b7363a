/** A preprocessing as the platform writes it, in a few words; its presets are described by the platform itself. */

import { t } from "@lingui/core/macro";
import { hertz, plain } from "./format";

export type Preprocessing = Record<string, unknown>;

const number = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** Name and value of what matters most, for a preprocessing that is no preset. */
export function preprocessingFacts(value: Preprocessing): [name: string, value: string | null][] {
  const rate = number(value.rate);
  const window = number(value.window_s);
  const band = Array.isArray(value.bandpass) ? value.bandpass.map(plain) : null;
  const baseline = number(value.baseline_ms);
  return [
    [t`Sampling rate`, rate === null ? null : hertz(rate)],
    [t`Length`, window === null ? null : `${plain(window)} s`],
    [t`Band-pass`, band && passed(band[0] ?? "", band[1] ?? "")],
    [t`High-pass`, number(value.high_pass) === null ? null : `${plain(value.high_pass)} Hz`],
    [t`Baseline`, baseline === null ? null : subtracted(plain(baseline))],
    [t`Amplitudes`, amplitudes(value)],
    [t`Beats`, value.align ? aligned(plain(value.align)) : null],
  ];
}

const passed = (low: string, high: string) => t`${low} to ${high} Hz`;
const subtracted = (ms: string) => t`moving median over ${ms} ms subtracted`;
const aligned = (how: string) => t`aligned (${how})`;

function amplitudes(value: Preprocessing): string {
  if (value.standardise === "lead") return t`each lead to mean 0 and standard deviation 1`;
  if (value.standardise === "recording") return t`the recording to mean 0 and standard deviation 1`;
  if (value.standardise === "minmax") return t`the recording to −1 to 1`;
  const units = number(value.units_per_mv) ?? 1;
  return units === 1 ? t`in mV` : units === 1000 ? t`in µV` : `1/${plain(units)} mV`;
}
