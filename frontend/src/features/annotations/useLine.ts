import { useEffect, useRef, useState } from "react";
import { readingQueue } from "@/api/annotations";

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

type Asked = { projectId: string; labelSetId: string; reader: string; predictionId: string | null };

/** The ECGs of a sitting in the order in which they are read: those gone through stay, and more come from the queue. */
export function useLine({ projectId, labelSetId, reader, predictionId }: Asked, first: string | null): Line {
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
    // What was skipped is still in the queue, so as many more are asked for as were gone through.
    const limit = Math.min(500, AT_ONCE + ids.length);
    readingQueue(projectId, labelSetId, reader, predictionId, limit)
      .then((queue) => {
        const known = new Set(ids);
        const more = queue.map((one) => one.recording_id).filter((id) => !known.has(id));
        setError(null);
        setDry(more.length === 0);
        if (more.length > 0) setIds((before) => [...before, ...more.filter((id) => !before.includes(id))]);
      })
      .catch((problem: unknown) => {
        setError(problem);
        setTimeout(() => setTries((before) => before + 1), 2000);
      })
      .finally(() => {
        asking.current = false;
      });
  }, [short, at, tries, ids, projectId, labelSetId, reader, predictionId]);

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
