import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { isOver, type JobOwner } from "@/api/jobs";
import type { JobEvent, JobState } from "@/api/types";
import { followJob } from "./follow";

export type Feed = { job: JobState; events: JobEvent[] };

/** The job as it is now and all it has said (`owner` must stay the same object); whatever the job changes is asked for again when it says so. */
export function useJobFeed(owner: JobOwner, known: JobState, onEnd?: () => void): Feed {
  const queries = useQueryClient();
  const [feed, setFeed] = useState<Feed>({ job: known, events: [] });
  const jobId = known.id;
  const current = useRef({ known, onEnd });
  useEffect(() => {
    current.current = { known, onEnd };
  });

  useEffect(() => {
    const { known } = current.current;
    setFeed({ job: known, events: [] });
    const wasOver = isOver(known);
    const refresh = () => {
      const [one, all] = typeof owner === "string" ? ["project", "projects"] : ["exchange", "exchanges"];
      const id = typeof owner === "string" ? owner : owner.exchangeId;
      void queries.invalidateQueries({ queryKey: [one, id] });
      void queries.invalidateQueries({ queryKey: [all] });
    };
    return followJob(owner, jobId, {
      onJob: (job) => setFeed((feed) => ({ ...feed, job })),
      onEvents: (events) => {
        setFeed((feed) => ({ ...feed, events: [...feed.events, ...events] }));
        if (!wasOver && events.some((event) => event.kind === "result")) refresh();
      },
      onEnd: () => {
        if (wasOver) return;
        refresh();
        current.current.onEnd?.();
      },
    });
  }, [owner, jobId, queries]);

  return feed;
}

/** The texts of the events of one kind. */
export function texts(events: readonly JobEvent[], kind: "log" | "note"): string[] {
  return events.flatMap((event) => ("text" in event.payload && event.kind === kind ? [event.payload.text] : []));
}
