import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { placeQuery, recordingQuery, type SignalFilter, signalQuery } from "@/api/recordings";
import type { RecordingList } from "@/lib/recordingList";
import { firstPart } from "../viewer/useSignal";
import type { Step } from "./useListPlace";

/** Fetch the neighbours of a recording before they are asked for: going through a list should not wait. */
export function usePrefetch(steps: readonly (Step | null)[], list: RecordingList, filter: SignalFilter): void {
  const queries = useQueryClient();
  const wanted = steps.flatMap((step) => (step ? [`${step.projectId} ${step.recordingId}`] : [])).join("\n");
  const how = JSON.stringify([list, filter]);
  useEffect(() => {
    const [ofList, through] = JSON.parse(how) as [RecordingList, SignalFilter];
    for (const one of wanted.split("\n").filter(Boolean)) {
      const [projectId = "", recordingId = ""] = one.split(" ");
      void queries
        .fetchQuery(recordingQuery(projectId, recordingId))
        .then((recording) => queries.prefetchQuery(signalQuery(projectId, recordingId, through, firstPart(recording))))
        .catch(() => undefined); // who goes there is told
      void queries.prefetchQuery(placeQuery(projectId, recordingId, ofList));
    }
  }, [queries, wanted, how]);
}
