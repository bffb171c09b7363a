import { useParam, useProjectId } from "@/components/useProjectId";
import { PredictPanel } from "@/features/predictions/PredictPanel";
import { RecordingPage } from "@/features/recordings/RecordingPage";

/** The tracing with the predict panel beside it: two features that do not know of each other meet here. */
export function RecordingRoute() {
  const projectId = useProjectId();
  const recordingId = useParam("recordingId");
  return (
    <RecordingPage
      projectId={projectId}
      recordingId={recordingId}
      aside={<PredictPanel key={recordingId} projectId={projectId} recordingId={recordingId} />}
    />
  );
}
