/** A tracing in words: how it is drawn, and what a screen reader says of it. Pure. */

import type { Measurements, Recording } from "@/api/types";
import { hertz, seconds as inSeconds, signed } from "@/lib/format";
import type { Signal } from "@/lib/signal";
import { filterWords, type View } from "./view";

/** The state of the display, always to be read under the tracing. */
export function caption(signal: Signal, view: View): string {
  const amplitude = signal.unit === "mV" ? `${view.gain} mm/mV` : "amplitude scaled to fit, no mV scale";
  const filter =
    view.shown === "aligned" ? "beats aligned to 60/min (Rlign); time is not that of the recording" : filterWords(view);
  return [`${view.speed} mm/s`, amplitude, hertz(signal.rate), filter].join(" · ");
}

export function spoken(
  recording: Recording,
  signal: Signal,
  from: number,
  shown: number,
  view: View,
  measured: Measurements | undefined,
): string {
  const part =
    shown < signal.nSamples / signal.rate - 0.05
      ? `, ${from.toFixed(1)} to ${(from + shown).toFixed(1)} s of it shown`
      : "";
  const some = (word: string, leads: readonly string[]) => (leads.length > 0 ? `; ${word}: ${leads.join(", ")}` : "");
  const which = some("derived", recording.derived_leads) + some("missing", recording.missing_leads);
  return (
    `${recording.missing_leads.length > 0 ? "Partial" : "12-lead"} ECG ${recording.file_name}: ${inSeconds(recording.duration_s)} at ${hertz(recording.rate)}${part}. ` +
    `Leads ${signal.leads.join(", ")}${which}. ${caption(signal, view)}.${measured ? ` ${measurementWords(measured)}` : ""}`
  );
}

const MEASURED = [
  ["heart_rate", "heart rate", " a minute"],
  ["pr_ms", "PR", " ms"],
  ["qrs_ms", "QRS", " ms"],
  ["qt_ms", "QT", " ms"],
  ["qrs_axis", "QRS axis", " degrees"],
] as const;

/** What is measured in the recording, as a sentence. */
export function measurementWords(measured: Measurements): string {
  const said = MEASURED.flatMap(([key, name, unit]) =>
    measured[key] === null ? [] : [`${name} ${signed(measured[key], 0)}${unit}`],
  );
  const corrected = Object.entries(measured.qtc_ms)[0];
  if (corrected) said.push(`QTc by ${corrected[0]} ${Math.round(corrected[1])} ms`);
  const reason = measured.reasons.heart_rate ?? "";
  return said.length > 0 ? `Measured: ${said.join(", ")}.` : `Nothing could be measured. ${reason}`.trim();
}
