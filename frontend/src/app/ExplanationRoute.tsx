import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { recordingQuery } from "@/api/recordings";
import { Problem } from "@/components/Note";
import { Loading } from "@/components/Page";
import { ExplanationPage } from "@/features/explanations/ExplanationPage";
import { MapLayer } from "@/features/explanations/MapLayer";
import type { ToShow } from "@/features/explanations/showMap";
import { Tracing } from "@/features/recordings/viewer/Tracing";

/** An explanation whose ECG is drawn by the viewer: two features that do not know of each other meet here. */
export function ExplanationRoute() {
  return <ExplanationPage show={(what) => <Ecg {...what} />} />;
}

function Ecg({ projectId, recordingId, stretches }: ToShow) {
  const recording = useQuery(recordingQuery(projectId, recordingId));
  if (recording.isPending) return <Loading lines={8} label={t`Loading tracing`} />;
  if (recording.isError) return <Problem error={recording.error} title={t`The recording cannot be shown`} />;
  return (
    <Tracing
      projectId={projectId}
      recording={recording.data}
      overlay={(drawn) => <MapLayer paper={drawn} stretches={stretches} />}
    />
  );
}
