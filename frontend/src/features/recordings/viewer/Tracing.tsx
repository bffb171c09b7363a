import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import { alignedQuery, measurementsQuery } from "@/api/measurements";
import { signalQuery } from "@/api/recordings";
import { systemQuery } from "@/api/system";
import type { Recording } from "@/api/types";
import { Note, Problem } from "@/components/Note";
import { Loading } from "@/components/Page";
import type { LayoutName } from "@/lib/ecg/layout";
import type { PaperInSight } from "@/lib/ecg/overlay";
import { count, hertz, seconds as inSeconds } from "@/lib/format";
import { isEmpty, type Signal } from "@/lib/signal";
import { AlignedBeat, OverlaidBeats } from "./Beats";
import { EcgPaper } from "./EcgPaper";
import { PrintedTracing } from "./PrintedTracing";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { useShortcuts } from "./useShortcuts";
import { ViewerToolbar } from "./ViewerToolbar";
import { cycle, GAINS, LAYOUTS, SHOWN, SPEEDS, step, traitsOf, useView, type View } from "./view";
import { WindowControls } from "./WindowControls";
import { spansOf } from "./waves";

type Props = {
  projectId: string;
  recording: Recording;
  onNeighbour: (recordingId: string) => void;
  /** What lies over the running tracing, such as marked regions. */
  overlay?: (paper: PaperInSight) => ReactNode;
};

/** One recording on ECG paper, with all that changes how it is shown. */
export function Tracing({ projectId, recording, onNeighbour, overlay }: Props) {
  const [view, change] = useView();
  const [start, setStart] = useState(0);
  const [shown, setShown] = useState({ seconds: 10, layout: (view.layout ?? "3x4") as LayoutName });
  const [measuring, setMeasuring] = useState(false);
  const [help, setHelp] = useState(false);
  const { aligned, beats: overBeats } = traitsOf(view.shown);
  const needsBeats = view.shown === "waves" || view.shown === "beats";
  const calipers = measuring && !overBeats; // there is no running time to measure where beats lie over each other
  const recorded = useQuery({ ...signalQuery(projectId, recording.id, view.preprocessing), enabled: !aligned });
  const rescaled = useQuery({
    ...alignedQuery(projectId, recording.id, view.shown === "aligned-beat" ? "median" : "none"),
    enabled: aligned,
  });
  const signal = aligned ? rescaled : recorded;
  const notAligned = useMemo(() => aligned && !!rescaled.data && isEmpty(rescaled.data), [aligned, rescaled.data]);
  const measured = useQuery({
    ...measurementsQuery(projectId, recording.id),
    enabled: needsBeats || notAligned,
  });
  const waves = useMemo(
    () => (view.shown === "waves" && measured.data ? spansOf(measured.data.waves) : undefined),
    [view.shown, measured.data],
  );
  const presets = useQuery(systemQuery()).data?.presets ?? [];

  const duration = signal.data ? signal.data.nSamples / signal.data.rate : recording.duration_s;
  const from = Math.max(0, Math.min(start, duration - shown.seconds));
  const scroll = (by: number) => setStart(Math.max(0, Math.min(duration - shown.seconds, from + by * shown.seconds)));
  const neighbour = (id: string | null | undefined) => id && onNeighbour(id);
  useShortcuts({
    ...(calipers
      ? {}
      : {
          ArrowLeft: () => neighbour(recording.previous_id),
          ArrowRight: () => neighbour(recording.next_id),
          "Shift+ArrowLeft": () => !overBeats && scroll(-1),
          "Shift+ArrowRight": () => !overBeats && scroll(1),
        }),
    "+": () => change({ gain: step<number>(GAINS, view.gain, 1) }),
    "=": () => change({ gain: step<number>(GAINS, view.gain, 1) }),
    "-": () => change({ gain: step<number>(GAINS, view.gain, -1) }),
    "[": () => change({ speed: step<number>(SPEEDS, view.speed, -1) }),
    "]": () => change({ speed: step<number>(SPEEDS, view.speed, 1) }),
    l: () =>
      !aligned &&
      !overBeats &&
      change({
        layout: cycle(
          LAYOUTS.map(({ value }) => value),
          shown.layout,
        ),
      }),
    f: () =>
      !aligned && change({ preprocessing: cycle([null, ...presets.map(({ name }) => name)], view.preprocessing) }),
    v: () =>
      change({
        shown: cycle(
          SHOWN.map(({ value }) => value),
          view.shown,
        ),
      }),
    c: () => !overBeats && setMeasuring(!measuring),
    "?": () => setHelp(true),
  });

  return (
    <Stack gap="xs">
      <ViewerToolbar
        view={view}
        layout={shown.layout}
        hasScale={signal.data?.unit !== "arbitrary"}
        measuring={calipers}
        onChange={change}
        onMeasuring={setMeasuring}
        onHelp={() => setHelp(true)}
      />
      {signal.isPending && <Loading lines={8} label="Loading tracing" />}
      {signal.data && view.shown === "beats" && measured.isPending && <Loading lines={8} label="Detecting beats" />}
      <Problem error={signal.error} title="The tracing cannot be shown" />
      <Problem error={needsBeats && measured.error} title="The beats cannot be shown" />
      {waves?.length === 0 && <Note tone="info">No waves were found. {measured.data?.reasons.heart_rate}</Note>}
      {view.shown === "beats" && signal.data && measured.data && (
        <OverlaidBeats signal={signal.data} measured={measured.data} derived={recording.derived_leads} view={view} />
      )}
      {notAligned && measured.data && (
        <Note tone="info">
          The beats could not be aligned.{" "}
          {measured.data.reasons.heart_rate ?? `More than ${count(measured.data.n_beats, "beat")} is needed.`}
        </Note>
      )}
      {view.shown === "aligned-beat" && signal.data && !notAligned && (
        <AlignedBeat signal={signal.data} derived={recording.derived_leads} view={view} />
      )}
      {signal.data && !overBeats && !notAligned && (
        <EcgPaper
          signal={signal.data}
          start={from}
          speed={view.speed}
          gain={view.gain}
          layout={aligned ? "12x1" : view.layout}
          derived={recording.derived_leads}
          waves={waves}
          label={spoken(recording, signal.data, from, shown.seconds, view)}
          caption={caption(signal.data, view)}
          measuring={calipers}
          onMeasuring={setMeasuring}
          overlay={aligned ? undefined : overlay}
          onShown={setShown}
        />
      )}
      {signal.data && !overBeats && !notAligned && (
        <PrintedTracing
          recording={recording}
          signal={signal.data}
          start={from}
          speed={view.speed}
          gain={view.gain}
          layout={aligned ? "12x1" : view.layout}
          waves={waves}
          caption={caption(signal.data, view)}
        />
      )}
      {signal.data && !overBeats && !notAligned && (
        <WindowControls start={from} shown={shown.seconds} duration={duration} onChange={setStart} />
      )}
      {signal.data?.unit === "arbitrary" && (
        <Note tone="info">
          {recording.unit === "arbitrary"
            ? "This recording is not calibrated: amplitudes are scaled to fit and are not in mV."
            : "This is the preprocessed recording as a model reads it: amplitudes are scaled to fit and no longer in mV."}
        </Note>
      )}
      <ShortcutsDialog open={help} onClose={() => setHelp(false)} />
    </Stack>
  );
}

/** The state of the display, always to be read under the tracing. */
export function caption(signal: Signal, view: View): string {
  const amplitude = signal.unit === "mV" ? `${view.gain} mm/mV` : "amplitude scaled to fit, no mV scale";
  const filter =
    view.shown === "aligned"
      ? "beats aligned to 60/min (Rlign); time is not that of the recording"
      : view.preprocessing === null
        ? "unfiltered"
        : `as a model reads it: ${view.preprocessing}`;
  return [`${view.speed} mm/s`, amplitude, hertz(signal.rate), filter].join(" · ");
}

function spoken(recording: Recording, signal: Signal, from: number, shown: number, view: View): string {
  const part =
    shown < signal.nSamples / signal.rate - 0.05
      ? `, ${from.toFixed(1)} to ${(from + shown).toFixed(1)} s of it shown`
      : "";
  const some = (word: string, leads: readonly string[]) => (leads.length > 0 ? `; ${word}: ${leads.join(", ")}` : "");
  const which = some("derived", recording.derived_leads) + some("missing", recording.missing_leads);
  return (
    `${recording.missing_leads.length > 0 ? "Partial" : "12-lead"} ECG ${recording.file_name}: ${inSeconds(recording.duration_s)} at ${hertz(recording.rate)}${part}. ` +
    `Leads ${signal.leads.join(", ")}${which}. ${caption(signal, view)}.`
  );
}
