import { useCallback } from "react";
import { useParam, useProjectId } from "@/components/useProjectId";
import { PredictPanel } from "@/features/predictions/PredictPanel";
import { RecordingPage } from "@/features/recordings/RecordingPage";

/** The tracing with the predict panel beside it: two features that do not know of each other meet here. */
export function RecordingRoute() {
  const projectId = useProjectId();
  const recordingId = useParam("recordingId");
  const aside = useCallback(
    (id: string) => <PredictPanel key={id} projectId={projectId} recordingId={id} />,
    [projectId],
  );
  return <RecordingPage projectId={projectId} recordingId={recordingId} aside={aside} />;
}
