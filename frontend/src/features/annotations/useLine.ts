import { useEffect, useRef, useState } from "react";
import { readingQueue } from "@/api/annotations";
import { recordingIds } from "@/api/recordings";
import type { RecordingList } from "@/lib/recordingList";

const AHEAD = 10; // ECGs before the end of the line at which more are asked for
const AT_ONCE = 50;

export type Line = {
  /** The recording in hand; null while none is known, and at the end. */
  current: string | null;
  /** Those that come next, the next one first. */
  coming: readonly string[];
  hasPrevious: boolean;
  /** Nothing is left: all that waits for the reader was gone through. */
  ended: boolean;
  error: unknown;
  next: () => void;
  previous: () => void;
  /** Back to one that was gone through. */
  open: (recordingId: string) => void;
};

type Asked = {
  projectId: string;
  labelSetId: string;
  reader: string;
  predictionId: string | null;
  /** Only the recordings of this list, in its order, also those that were read before; null: what the queue has. */
  list: RecordingList | null;
};

/** The next ids after those that are known. */
async function more({ projectId, labelSetId, reader, predictionId, list }: Asked, known: readonly string[]) {
  if (list !== null) {
    const page = Math.floor(known.length / AT_ONCE) + 1;
    return recordingIds(projectId, list, page, AT_ONCE);
  }
  // What was skipped is still in the queue, so as many more are asked for as were gone through.
  const limit = Math.min(500, AT_ONCE + known.length);
  return (await readingQueue(projectId, labelSetId, reader, predictionId, limit)).map((one) => one.recording_id);
}

/** The ECGs of a sitting in the order in which they are read: those gone through stay, and more come from the queue. */
export function useLine(asked: Asked, first: string | null): Line {
  const { projectId, labelSetId, reader, predictionId } = asked;
  const list = asked.list && JSON.stringify(asked.list);
  const [ids, setIds] = useState<readonly string[]>(first ? [first] : []);
  const [at, setAt] = useState(0);
  const [dry, setDry] = useState(false); // the queue has nothing more
  const [error, setError] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  const asking = useRef(false);
  const short = !dry && ids.length - at <= AHEAD;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `at` and `tries` ask again for what did not come
  useEffect(() => {
    if (!short || asking.current) return;
    asking.current = true;
    more({ projectId, labelSetId, reader, predictionId, list: list === null ? null : JSON.parse(list) }, ids)
      .then((found) => {
        const fresh = found.filter((id) => !ids.includes(id));
        setError(null);
        setDry(fresh.length === 0);
        if (fresh.length > 0) setIds((before) => [...before, ...fresh.filter((id) => !before.includes(id))]);
      })
      .catch((problem: unknown) => {
        setError(problem);
        setTimeout(() => setTries((before) => before + 1), 2000);
      })
      .finally(() => {
        asking.current = false;
      });
  }, [short, at, tries, ids, projectId, labelSetId, reader, predictionId, list]);

  return {
    current: ids[at] ?? null,
    coming: ids.slice(at + 1, at + 4),
    hasPrevious: at > 0,
    ended: dry && at >= ids.length,
    error,
    next: () => setAt((now) => Math.min(ids.length, now + 1)),
    previous: () => setAt((now) => Math.max(0, now - 1)),
    open: (recordingId) => setAt((now) => (ids.includes(recordingId) ? ids.indexOf(recordingId) : now)),
  };
}
