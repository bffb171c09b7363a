import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { recordingQuery } from "@/api/recordings";
import { Problem } from "@/components/Note";
import { Loading } from "@/components/Page";
import { ReadersPage } from "@/features/annotations/ReadersPage";
import { ReadPage } from "@/features/annotations/ReadPage";
import type { ToRead } from "@/features/annotations/showEcg";
import { Tracing } from "@/features/recordings/viewer/Tracing";

/** Labelling with the viewer's tracing: two features that do not know of each other meet here. */
export function ReadRoute() {
  return <ReadPage tracing={(what) => <Ecg key={what.recordingId} {...what} />} />;
}

export function ReadersRoute() {
  return <ReadersPage tracing={(what) => <Ecg key={what.recordingId} {...what} />} />;
}

function Ecg({ projectId, recordingId, hideName, onPrevious, onNext, overlay }: ToRead) {
  const recording = useQuery(recordingQuery(projectId, recordingId));
  if (recording.isPending) return <Loading lines={8} label={t`Loading tracing`} />;
  if (recording.isError) return <Problem error={recording.error} title={t`The recording cannot be shown`} />;
  const shown = hideName ? { ...recording.data, file_name: t`(name hidden)` } : recording.data;
  // Its neighbours are those of the sitting; the arrows of the viewer, which calipers may need, lead to them.
  const onStep = (by: -1 | 1) => (by < 0 ? onPrevious : onNext)?.();
  return <Tracing projectId={projectId} recording={shown} overlay={overlay} blind={hideName} onStep={onStep} />;
}
