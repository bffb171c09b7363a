import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { placeQuery, recordingQuery, type SignalFilter, signalQuery } from "@/api/recordings";
import type { Recording } from "@/api/types";
import { extentsOf } from "@/lib/ecg/layout";
import type { RecordingList } from "@/lib/recordingList";
import { firstPart } from "../viewer/useSignal";
import type { Step } from "./useListPlace";

type Ask = (projectId: string, recordingId: string, known?: Recording) => void;

/** Fetch a recording and its tracing before it is asked for, such as when a pointer comes to its row, which knows it. */
export function useFetchAhead(list: RecordingList, filter: SignalFilter): Ask {
  const queries = useQueryClient();
  return (projectId, recordingId, known) => {
    const query = recordingQuery(projectId, recordingId);
    // What the list says is shown until the platform, which is asked all the same, has answered.
    if (known) queries.setQueryData(query.queryKey, (now) => now ?? known, { updatedAt: 0 });
    const tracing = async (of: Recording) => {
      const { samples } = await queries.fetchQuery(signalQuery(projectId, recordingId, filter, firstPart(of)));
      extentsOf(samples); // found now, it is not looked for when the tracing is drawn
    };
    (known ? tracing(known) : queries.fetchQuery(query).then(tracing)).catch(() => undefined); // who goes there is told
    void queries.prefetchQuery(placeQuery(projectId, recordingId, list));
  };
}

/** Fetch the neighbours of a recording before they are asked for: going through a list should not wait. */
export function usePrefetch(steps: readonly (Step | null)[], list: RecordingList, filter: SignalFilter): void {
  const ask = useRef<Ask>(() => undefined);
  ask.current = useFetchAhead(list, filter);
  const wanted = steps.flatMap((step) => (step ? [`${step.projectId} ${step.recordingId}`] : [])).join("\n");
  const how = JSON.stringify([list, filter]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: again where the list or the filter is another
  useEffect(() => {
    for (const one of wanted.split("\n").filter(Boolean)) {
      const [projectId = "", recordingId = ""] = one.split(" ");
      ask.current(projectId, recordingId);
    }
  }, [wanted, how]);
}
