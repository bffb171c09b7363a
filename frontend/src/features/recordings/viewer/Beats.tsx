import { plural, t } from "@lingui/core/macro";
import { useMemo } from "react";
import type { Measurements } from "@/api/types";
import { Note } from "@/components/Note";
import { beatsOf, medianBeat } from "@/lib/ecg/beats";
import { fittingGain } from "@/lib/ecg/layout";
import { decimal, hertz } from "@/lib/format";
import type { Signal } from "@/lib/signal";
import { BeatGrid } from "./BeatGrid";
import type { View } from "./view";

const BEFORE = 0.3; // s
const AFTER = 0.5;
const FITTED = 25; // mm that the widest lead of a signal without a scale fills

type Props = { signal: Signal; derived: readonly string[]; view: View };

/** All beats of each lead laid over each other, with their median. */
export function OverlaidBeats({ signal, measured, derived, view }: Props & { measured: Measurements }) {
  const peaks = measured.r_peaks_s;
  const beats = useMemo(
    () => signal.samples.map((lead) => beatsOf(lead, signal.rate, peaks, BEFORE, AFTER)),
    [signal, peaks],
  );
  const typical = useMemo(() => beats.map(medianBeat), [beats]);
  if (peaks.length === 0) return <Note tone="info">{measured.reasons.heart_rate ?? t`No beat was found.`}</Note>;
  return (
    <BeatGrid
      leads={signal.leads}
      derived={derived}
      beats={beats}
      typical={typical}
      rate={signal.rate}
      speed={2 * view.speed}
      gain={gainFor(signal, view)}
      label={plural(
        { n: peaks.length },
        {
          one: "# beat of each lead, superimposed at the R peaks.",
          other: "# beats of each lead, superimposed at the R peaks.",
        },
      )}
      caption={[
        plural({ n: peaks.length }, { one: "# beat and its median", other: "# beats and their median" }),
        speed(view),
        amplitude(signal, view),
        hertz(signal.rate),
      ].join(" · ")}
    />
  );
}

/** The median of the beats after alignment to 60 beats a minute. */
export function AlignedBeat({ signal, derived, view }: Props) {
  return (
    <BeatGrid
      leads={signal.leads}
      derived={derived}
      beats={[]}
      typical={signal.samples}
      rate={signal.rate}
      speed={2 * view.speed}
      gain={gainFor(signal, view)}
      label={t`The typical beat of each lead after alignment to 60 beats a minute.`}
      caption={[t`Median beat, aligned to 60/min (Rlign)`, speed(view), amplitude(signal, view)].join(" · ")}
    />
  );
}

function gainFor(signal: Signal, view: View): number {
  return signal.unit === "mV" ? view.gain : fittingGain(signal.samples, FITTED);
}

function amplitude(signal: Signal, view: View): string {
  return signal.unit === "mV" ? `${view.gain} mm/mV` : t`amplitude scaled to fit, no mV scale`;
}

function speed(view: View): string {
  return `${decimal(String(2 * view.speed))} mm/s`;
}
