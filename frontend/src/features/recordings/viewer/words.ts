/** A tracing in words: how it is drawn, and what a screen reader says of it. Pure. */

import { t } from "@lingui/core/macro";
import type { Measurements, Recording } from "@/api/types";
import { decimal, fixed, hertz, seconds as inSeconds, signed } from "@/lib/format";
import type { Signal } from "@/lib/signal";
import { filterWords, type View } from "./view";

/** The state of the display, always to be read under the tracing. */
export function caption(signal: Signal, view: View): string {
  const amplitude = signal.unit === "mV" ? `${view.gain} mm/mV` : t`amplitude scaled to fit, no mV scale`;
  const filter =
    view.shown === "aligned"
      ? t`beats aligned to 60/min (Rlign); time is not that of the recording`
      : filterWords(view);
  return [`${decimal(String(view.speed))} mm/s`, amplitude, hertz(signal.rate), filter].join(" · ");
}

export function spoken(
  recording: Recording,
  signal: Signal,
  from: number,
  shown: number,
  view: View,
  measured: Measurements | undefined,
): string {
  const { derived_leads: derived, missing_leads: missing } = recording;
  const { file_name: name } = recording;
  const duration = inSeconds(recording.duration_s);
  const rate = hertz(recording.rate);
  const whole =
    missing.length > 0
      ? t`Partial ECG ${name}: ${duration} at ${rate}`
      : t`12-lead ECG ${name}: ${duration} at ${rate}`;
  const isPart = shown < signal.nSamples / signal.rate - 0.05;
  const part = isPart
    ? t`${whole}, ${{ from: fixed(from, 1) }} to ${{ to: fixed(from + shown, 1) }} s of it shown`
    : whole;
  const leads = [
    t`Leads ${{ leads: signal.leads.join(", ") }}`,
    derived.length > 0 && t`derived: ${{ leads: derived.join(", ") }}`,
    missing.length > 0 && t`missing: ${{ leads: missing.join(", ") }}`,
  ].filter(Boolean);
  return (
    [part, leads.join("; "), caption(signal, view)].map((text) => `${text}.`).join(" ") +
    (measured ? ` ${measurementWords(measured)}` : "")
  );
}

const MEASURED: readonly (readonly [
  key: "heart_rate" | "pr_ms" | "qrs_ms" | "qt_ms" | "qrs_axis",
  words: (value: string) => string,
])[] = [
  ["heart_rate", (value) => t`heart rate ${value} a minute`],
  ["pr_ms", (value) => t`PR ${value} ms`],
  ["qrs_ms", (value) => t`QRS ${value} ms`],
  ["qt_ms", (value) => t`QT ${value} ms`],
  ["qrs_axis", (value) => t`QRS axis ${value} degrees`],
];

/** What is measured in the recording, as a sentence. */
export function measurementWords(measured: Measurements): string {
  const said = MEASURED.flatMap(([key, words]) => {
    const value = measured[key];
    return value === null ? [] : [words(signed(value, 0))];
  });
  const corrected = Object.entries(measured.qtc_ms)[0];
  if (corrected) said.push(t`QTc by ${{ formula: corrected[0] }} ${{ value: Math.round(corrected[1]) }} ms`);
  const reason = measured.reasons.heart_rate ?? "";
  return said.length > 0
    ? t`Measured: ${{ values: said.join(", ") }}.`
    : t`Nothing could be measured. ${reason}`.trim();
}
