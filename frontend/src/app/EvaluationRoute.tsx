import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { recordingQuery } from "@/api/recordings";
import { Problem } from "@/components/Note";
import { Loading } from "@/components/Page";
import { ModelEvaluationPage } from "@/features/evaluations/ModelEvaluationPage";
import type { ToDraw } from "@/features/evaluations/ShownInCell";
import { Tracing } from "@/features/recordings/viewer/Tracing";

/** An evaluation whose recordings are drawn by the viewer: two features that do not know of each other meet here. */
export function EvaluationRoute() {
  return <ModelEvaluationPage tracing={(what) => <Ecg key={what.recordingId} {...what} />} />;
}

function Ecg({ projectId, recordingId, previousId, nextId, onOpen }: ToDraw) {
  const recording = useQuery(recordingQuery(projectId, recordingId));
  if (recording.isPending) return <Loading lines={8} label={t`Loading tracing`} />;
  if (recording.isError) return <Problem error={recording.error} title={t`The recording cannot be shown`} />;
  const onStep = (by: -1 | 1) => {
    const id = by < 0 ? previousId : nextId;
    if (id) onOpen(id);
  };
  return <Tracing projectId={projectId} recording={recording.data} onStep={onStep} />;
}
