import { t } from "@lingui/core/macro";
import { Group, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import {
  memo,
  type ReactNode,
  startTransition,
  useCallback,
  useDeferredValue,
  useEffect,
  useRef,
  useState,
} from "react";
import { useNavigate, useSearchParams } from "react-router";
import { projectQuery } from "@/api/projects";
import { recordingQuery } from "@/api/recordings";
import type { Recording } from "@/api/types";
import { CannotShow } from "@/components/CannotShow";
import { Notes } from "@/components/Note";
import { Loading, PageHead } from "@/components/Page";
import { listIn } from "@/lib/recordingList";
import { DeleteRecording } from "./DeleteRecording";
import { DownloadMenu } from "./DownloadMenu";
import { ListPager } from "./list/ListPager";
import { type Step, useListPlace } from "./list/useListPlace";
import { usePrefetch } from "./list/usePrefetch";
import { MeasurementsSection } from "./MeasurementsSection";
import { RecordingFacts } from "./RecordingFacts";
import classes from "./recordingPage.module.css";
import type { Overlay } from "./viewer/EcgPaper";
import { Tracing } from "./viewer/Tracing";
import { signalFilter, useView } from "./viewer/view";

type Props = {
  projectId: string;
  recordingId: string;
  /** Stands beside the tracing of a recording. */
  aside: (recordingId: string) => ReactNode;
  /** Stands over the tracing. */
  overlay?: Overlay;
};

/** One recording of a list: the tracing, what is known of it, and `aside` beside it. */
export function RecordingPage({ projectId, recordingId, aside, overlay }: Props) {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const recording = useQuery(recordingQuery(projectId, recordingId));
  const project = useQuery(projectQuery(projectId));
  // One sees each tracing at once, the first too; what stands around it follows, and never that of another ECG.
  const [drawn, setDrawn] = useState(false);
  const onDrawn = useCallback(() => startTransition(() => setDrawn(true)), []);
  const around = useDeferredValue<Recording | undefined>(drawn ? recording.data : undefined);
  const place = useListPlace(projectId, recordingId);
  const [view] = useView();
  usePrefetch(drawn ? [place.next, place.previous] : [], listIn(params), signalFilter(view));
  // Going through the list is one step away from it: back leads to the list, not through all that was looked at.
  const open = (step: Step | null) => {
    // At once and whole: a transition would draw the page in slices, with other work between them.
    if (step) void navigate(step.to, { replace: true, preventScrollReset: true, flushSync: true });
  };
  // The tracing is not drawn again for what only its surroundings have heard of: the way on is looked up when it is gone.
  const way = useRef((_by: -1 | 1) => {});
  useEffect(() => {
    way.current = (by) => open(by < 0 ? place.previous : place.next);
  });
  const onStep = useCallback((by: -1 | 1) => way.current(by), []);

  if (recording.isPending) return <Loading lines={10} label={t`Loading recording`} />;
  if (recording.isError) return <CannotShow title={t`The recording cannot be shown`} error={recording.error} />;
  const { data } = recording;
  return (
    <Stack gap="md">
      <PageHead title={data.file_name} actions={<ListPager place={place} onOpen={open} />} />
      <div className={classes.page}>
        <Stack gap="md" miw={0}>
          <Notes tone="warn" title={t`Please check`} notes={data.findings.map((finding) => finding.message)} />
          <Tracing projectId={projectId} recording={data} onStep={onStep} overlay={overlay} onDrawn={onDrawn} />
          {around && (
            <div style={{ visibility: around.id === recordingId ? undefined : "hidden" }}>
              <Measured projectId={projectId} recording={around} />
            </div>
          )}
        </Stack>
        {around && (
          <div style={{ visibility: around.id === recordingId ? undefined : "hidden", minWidth: 0 }}>
            <Beside
              projectId={projectId}
              recording={around}
              aside={aside}
              original={project.data?.keep_originals ?? false}
              back={place.back}
            />
          </div>
        )}
      </div>
    </Stack>
  );
}

const Measured = memo(MeasurementsSection);

type BesideProps = Pick<Props, "projectId" | "aside"> & { recording: Recording; original: boolean; back: string };

const Beside = memo(function Beside({ projectId, recording, aside, original, back }: BesideProps) {
  const navigate = useNavigate();
  return (
    <Stack gap="lg" miw={0}>
      {aside(recording.id)}
      <RecordingFacts recording={recording} />
      <Group gap="xs">
        <DownloadMenu projectId={projectId} recordingId={recording.id} original={original} />
        <DeleteRecording
          projectId={projectId}
          recording={recording}
          iconOnly={false}
          onDone={() => navigate(back, { replace: true })}
        />
      </Group>
    </Stack>
  );
});
