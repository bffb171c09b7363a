import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { alignedQuery, measurementsQuery } from "@/api/measurements";
import type { Recording } from "@/api/types";
import { Note, Problem } from "@/components/Note";
import { Loading } from "@/components/Page";
import { LAYOUTS } from "@/lib/ecg/layout";
import { isEmpty } from "@/lib/signal";
import { AlignedBeat, OverlaidBeats } from "./Beats";
import { CalibrateDialog } from "./CalibrateDialog";
import { Compare, type Comparison } from "./Compare";
import { CaliperBar } from "./calipers/CaliperBar";
import { CaliperLayer } from "./calipers/CaliperLayer";
import { useCalipers } from "./calipers/useCalipers";
import { type Drawn, EcgPaper, type Overlay } from "./EcgPaper";
import { HoverReadout } from "./HoverReadout";
import { NotAligned } from "./NotAligned";
import { PrintedTracing } from "./PrintedTracing";
import classes from "./paper.module.css";
import { SecondTracing } from "./SecondTracing";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { useDisplay } from "./useDisplay";
import { useFullScreen } from "./useFullScreen";
import { useSecond } from "./useSecond";
import { FIRST_S, useSignal } from "./useSignal";
import { useViewerKeys } from "./useViewerKeys";
import { ViewerToolbar } from "./ViewerToolbar";
import { signalFilter, traitsOf, useView } from "./view";
import { WindowControls } from "./WindowControls";
import { spansOf } from "./waves";
import { caption, spoken } from "./words";

type Props = {
  projectId: string;
  recording: Recording;
  /** An arrow key asks for the one before (-1) or after it in the list one comes from. */
  onStep?: (by: -1 | 1) => void;
  /** Stands over a running tracing: marks of others, such as regions with a label. */
  overlay?: Overlay;
  /** Nothing may tell which recording it is: no print, which names it, and no other recording of the patient. */
  blind?: boolean;
  /** Told once the first tracing is on its sheet, or is known not to come. */
  onDrawn?: () => void;
};

/** One recording on ECG paper, with all that changes how it is shown. */
export const Tracing = memo(function Tracing({ projectId, recording, onStep, overlay, blind = false, onDrawn }: Props) {
  const [view, change] = useView();
  const [start, setStart] = useState(0);
  const [shown, setShown] = useState<Drawn>({ seconds: 10, layout: view.layout ?? "3x4+1" });
  const [measuring, setMeasuring] = useState(false);
  const [dialog, setDialog] = useState<"help" | "calibrate" | null>(null);
  const [comparison, setComparison] = useState<Comparison | null>(null);
  // Another recording begins at its beginning and alone; toolbar and sheet stay, which is quicker than new ones.
  const [of, setOf] = useState(recording.id);
  if (of !== recording.id) {
    setOf(recording.id);
    setStart(0);
    setMeasuring(false);
    setComparison(null);
  }
  const [full, setFull] = useFullScreen();
  const [pxPerMm, keepPxPerMm] = useDisplay();
  const calipers = useCalipers(recording.id);
  const { aligned, beats: overBeats } = traitsOf(view.shown);
  const needsBeats = view.shown === "waves" || view.shown === "beats";
  const measurable = measuring && !overBeats && !aligned; // only where time is that of the recording
  const filter = signalFilter(view);
  const { query: recorded, isPart } = useSignal(projectId, recording, filter, !aligned);
  const rescaled = useQuery({
    ...alignedQuery(projectId, recording.id, view.shown === "aligned-beat" ? "median" : "none"),
    enabled: aligned,
  });
  const signal = aligned ? rescaled : recorded;
  const waits = signal.isPending;
  useEffect(() => {
    if (!waits) onDrawn?.();
  }, [waits, onDrawn]);
  const notAligned = useMemo(() => aligned && !!rescaled.data && isEmpty(rescaled.data), [aligned, rescaled.data]);
  // Elsewhere on the page it may have been measured: then it is said, but the tracing does not wait for it.
  const measured = useQuery({
    ...measurementsQuery(projectId, recording.id),
    enabled: needsBeats || notAligned || comparison?.how === "overlaid",
  });
  const waves = useMemo(
    () => (view.shown === "waves" && measured.data ? spansOf(measured.data.waves) : undefined),
    [view.shown, measured.data],
  );
  const second = useSecond(projectId, aligned || overBeats ? null : comparison, filter, measured.data);

  const duration = signal.data ? signal.data.nSamples / signal.data.rate : recording.duration_s;
  const from = Math.max(0, Math.min(start, duration - shown.seconds));
  const scroll = (by: number) => setStart(Math.max(0, Math.min(duration - shown.seconds, from + by * shown.seconds)));
  const measure = (on: boolean) => {
    setMeasuring(on);
    if (on && calipers.all.length === 0) addCaliper();
  };
  const addCaliper = () => {
    const t = from + 0.4;
    const lead = LAYOUTS[shown.layout].columns[0]?.[0] ?? "II";
    calipers.add({ lead, from: { t, v: 0 }, to: { t: t + 0.8, v: 0 } });
  };
  useViewerKeys({
    view,
    layout: shown.layout,
    change,
    measuring: measurable,
    setMeasuring: measure,
    full,
    setFull,
    neighbour: (by) => onStep?.(by),
    scroll,
    help: () => setDialog("help"),
  });
  // The toolbar is not drawn again while one pans: only what it shows counts, and what it does is looked up then.
  const act = useRef({ change, measure, setFull });
  useEffect(() => {
    act.current = { change, measure, setFull };
  });
  const hasScale = signal.data?.unit !== "arbitrary";
  const toolbar = useMemo(
    () => (
      <ViewerToolbar
        view={view}
        layout={shown.layout}
        hasScale={hasScale}
        measuring={measurable}
        full={full}
        calibrated={pxPerMm !== null}
        onChange={(wanted) => act.current.change(wanted)}
        onMeasuring={(on) => act.current.measure(on)}
        onFull={(wanted) => act.current.setFull(wanted)}
        onCalibrate={() => setDialog("calibrate")}
        onHelp={() => setDialog("help")}
        onPrint={blind ? undefined : () => window.print()}
      >
        {!blind && (
          <Compare projectId={projectId} recording={recording} comparison={comparison} onChange={setComparison} />
        )}
      </ViewerToolbar>
    ),
    [view, shown.layout, hasScale, measurable, full, pxPerMm, blind, projectId, recording, comparison],
  );
  const running = signal.data && !overBeats && !notAligned ? signal.data : null;
  const trueSize = view.trueSize && pxPerMm !== null;
  return (
    <Stack gap="xs" className={full ? classes.full : undefined}>
      {toolbar}
      {signal.isPending && <Loading lines={8} label={t`Loading tracing`} />}
      {signal.data && view.shown === "beats" && measured.isPending && <Loading lines={8} label={t`Detecting beats`} />}
      <Problem error={signal.error} title={t`The tracing cannot be shown`} />
      <Problem error={needsBeats && measured.error} title={t`The beats cannot be shown`} />
      {waves?.length === 0 && (
        <Note tone="info">
          <Trans>No waves were found. {{ reason: measured.data?.reasons.heart_rate ?? "" }}</Trans>
        </Note>
      )}
      {view.shown === "beats" && signal.data && measured.data && (
        <OverlaidBeats signal={signal.data} measured={measured.data} derived={recording.derived_leads} view={view} />
      )}
      {notAligned && measured.data && <NotAligned measured={measured.data} />}
      {view.shown === "aligned-beat" && signal.data && !notAligned && (
        <AlignedBeat signal={signal.data} derived={recording.derived_leads} view={view} />
      )}
      {running && (
        <>
          <EcgPaper
            signal={running}
            start={from}
            speed={view.speed}
            gain={view.gain}
            layout={aligned ? "12x1" : view.layout}
            derived={recording.derived_leads}
            pxPerMm={trueSize ? pxPerMm : null}
            waves={waves}
            beneath={second.beneath}
            label={spoken(recording, running, from, shown.seconds, view, measured.data)}
            caption={`${caption(running, view)} · ${trueSize ? t`real millimetres on this display` : t`fills the width: not to scale on this display`}`}
            overlay={
              aligned
                ? undefined
                : (drawn, sheet) => (
                    <>
                      <HoverReadout sheet={sheet} geometry={drawn} signal={running} />
                      <CaliperLayer
                        key={recording.id}
                        geometry={drawn}
                        calipers={calipers}
                        on={measurable}
                        onChange={setMeasuring}
                      />
                      {overlay?.(drawn, sheet)}
                    </>
                  )
            }
            onShown={setShown}
          />
          {/* Below the sheet, which must not move while a caliper is drawn on it. */}
          {measurable && <CaliperBar calipers={calipers} hasScale={running.unit === "mV"} onAdd={addCaliper} />}
          <WindowControls signal={running} start={from} shown={shown.seconds} duration={duration} onChange={setStart} />
          {isPart && !aligned && (
            <Text size="sm" c="dimmed" role="status">
              <Trans>The first {FIRST_S} s are shown; the rest is loading.</Trans>
            </Text>
          )}
        </>
      )}
      {running && comparison && (
        <SecondTracing comparison={comparison} signal={second.signal} view={view} layout={shown.layout} />
      )}
      {running && !aligned && !blind && (
        <PrintedTracing
          projectId={projectId}
          recordingId={recording.id}
          view={view}
          layout={shown.layout}
          start={from}
        />
      )}
      {signal.data?.unit === "arbitrary" && (
        <Note tone="info">
          {recording.unit === "arbitrary"
            ? t`This recording is not calibrated: amplitudes are scaled to fit and are not in mV.`
            : t`This is the preprocessed recording as a model reads it: amplitudes are scaled to fit and no longer in mV.`}
        </Note>
      )}
      <ShortcutsDialog open={dialog === "help"} onClose={() => setDialog(null)} />
      {dialog === "calibrate" && (
        <CalibrateDialog
          opened
          onClose={() => setDialog(null)}
          pxPerMm={pxPerMm}
          onKeep={(kept) => {
            keepPxPerMm(kept);
            change({ trueSize: kept !== null });
          }}
        />
      )}
    </Stack>
  );
});
