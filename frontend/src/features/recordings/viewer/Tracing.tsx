import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { signalQuery } from "@/api/recordings";
import { systemQuery } from "@/api/system";
import type { Recording } from "@/api/types";
import { Note, Problem } from "@/components/Note";
import { Loading } from "@/components/Page";
import type { LayoutName } from "@/lib/ecg/layout";
import { hertz, seconds as inSeconds } from "@/lib/format";
import type { Signal } from "@/lib/signal";
import { EcgPaper } from "./EcgPaper";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { useShortcuts } from "./useShortcuts";
import { ViewerToolbar } from "./ViewerToolbar";
import { cycle, GAINS, LAYOUTS, SPEEDS, step, useView, type View } from "./view";
import { WindowControls } from "./WindowControls";

type Props = { projectId: string; recording: Recording; onNeighbour: (recordingId: string) => void };

/** One recording on ECG paper, with all that changes how it is shown. */
export function Tracing({ projectId, recording, onNeighbour }: Props) {
  const [view, change] = useView();
  const [start, setStart] = useState(0);
  const [shown, setShown] = useState({ seconds: 10, layout: (view.layout ?? "3x4") as LayoutName });
  const [measuring, setMeasuring] = useState(false);
  const [help, setHelp] = useState(false);
  const signal = useQuery(signalQuery(projectId, recording.id, view.preprocessing));
  const presets = useQuery(systemQuery()).data?.presets ?? [];

  const duration = signal.data ? signal.data.nSamples / signal.data.rate : recording.duration_s;
  const from = Math.max(0, Math.min(start, duration - shown.seconds));
  const scroll = (by: number) => setStart(Math.max(0, Math.min(duration - shown.seconds, from + by * shown.seconds)));
  const neighbour = (id: string | null | undefined) => id && onNeighbour(id);
  useShortcuts({
    ...(measuring
      ? {}
      : {
          ArrowLeft: () => neighbour(recording.previous_id),
          ArrowRight: () => neighbour(recording.next_id),
          "Shift+ArrowLeft": () => scroll(-1),
          "Shift+ArrowRight": () => scroll(1),
        }),
    "+": () => change({ gain: step<number>(GAINS, view.gain, 1) }),
    "=": () => change({ gain: step<number>(GAINS, view.gain, 1) }),
    "-": () => change({ gain: step<number>(GAINS, view.gain, -1) }),
    "[": () => change({ speed: step<number>(SPEEDS, view.speed, -1) }),
    "]": () => change({ speed: step<number>(SPEEDS, view.speed, 1) }),
    l: () =>
      change({
        layout: cycle(
          LAYOUTS.map(({ value }) => value),
          shown.layout,
        ),
      }),
    f: () => change({ preprocessing: cycle([null, ...presets.map(({ name }) => name)], view.preprocessing) }),
    c: () => setMeasuring(!measuring),
    "?": () => setHelp(true),
  });

  return (
    <Stack gap="xs">
      <ViewerToolbar
        view={view}
        layout={shown.layout}
        hasScale={signal.data?.unit !== "arbitrary"}
        measuring={measuring}
        onChange={change}
        onMeasuring={setMeasuring}
        onHelp={() => setHelp(true)}
      />
      {signal.isPending && <Loading lines={8} label="Loading tracing" />}
      <Problem error={signal.error} title="The tracing cannot be shown" />
      {signal.data && (
        <EcgPaper
          signal={signal.data}
          start={from}
          speed={view.speed}
          gain={view.gain}
          layout={view.layout}
          derived={recording.derived_leads}
          label={spoken(recording, signal.data, from, shown.seconds, view)}
          caption={caption(signal.data, view)}
          measuring={measuring}
          onMeasuring={setMeasuring}
          onShown={setShown}
        />
      )}
      {signal.data && <WindowControls start={from} shown={shown.seconds} duration={duration} onChange={setStart} />}
      {signal.data?.unit === "arbitrary" && (
        <Note tone="info">
          {recording.unit === "arbitrary"
            ? "This recording was uploaded without a scale: amplitudes are drawn to fit and are not in mV."
            : "This is what a network sees after this preprocessing: amplitudes are drawn to fit and are no longer in mV."}
        </Note>
      )}
      <ShortcutsDialog open={help} onClose={() => setHelp(false)} />
    </Stack>
  );
}

/** The state of the display, always to be read under the tracing. */
export function caption(signal: Signal, view: View): string {
  const amplitude = signal.unit === "mV" ? `${view.gain} mm/mV` : "amplitude drawn to fit, no mV scale";
  const filter = view.preprocessing === null ? "unfiltered" : `network’s view: ${view.preprocessing}`;
  return [`${view.speed} mm/s`, amplitude, hertz(signal.rate), filter].join(" · ");
}

function spoken(recording: Recording, signal: Signal, from: number, shown: number, view: View): string {
  const part =
    shown < signal.nSamples / signal.rate - 0.05
      ? `, ${from.toFixed(1)} to ${(from + shown).toFixed(1)} s of it shown`
      : "";
  const derived = recording.derived_leads.length > 0 ? `; derived: ${recording.derived_leads.join(", ")}` : "";
  return (
    `12-lead ECG ${recording.file_name}: ${inSeconds(recording.duration_s)} at ${hertz(recording.rate)}${part}. ` +
    `Leads ${signal.leads.join(", ")}${derived}. ${caption(signal, view)}.`
  );
}
