import type { MouseEvent } from "react";
import { useNavigate } from "react-router";
import type { Recording } from "@/api/types";
import { inList, type RecordingList } from "@/lib/recordingList";
import { signalFilter, useView } from "../viewer/view";
import { useFetchAhead } from "./usePrefetch";

/** How a recording is opened from a row of a list: fetched when a pointer comes to it, and drawn at once when clicked. */
export function useOpenRecording(projectId: string, list: RecordingList) {
  const navigate = useNavigate();
  const [view] = useView();
  const fetchAhead = useFetchAhead(list, signalFilter(view));
  const ahead = (recording: Recording) => fetchAhead(projectId, recording.id, recording);
  /** For `onClick`, of the link in the row too; a click that means something else (a new tab) keeps its meaning. */
  const open = (event: MouseEvent, recording: Recording) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    ahead(recording); // a finger does not come to a row before
    // The router would draw the page in slices, with other work between them.
    void navigate(inList(projectId, recording.id, list), { flushSync: true });
  };
  return { ahead, open };
}
