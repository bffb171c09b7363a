import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { isOver } from "@/api/jobs";
import type { Job, JobEvent } from "@/api/types";
import { followJob } from "./follow";

export type Feed = { job: Job; events: JobEvent[] };

/** The job as it is now and all it has said; whatever the job changes is asked for again when it says so. */
export function useJobFeed(projectId: string, known: Job, onEnd?: () => void): Feed {
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
      void queries.invalidateQueries({ queryKey: ["project", projectId] });
      void queries.invalidateQueries({ queryKey: ["projects"] });
    };
    return followJob(projectId, jobId, {
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
  }, [projectId, jobId, queries]);

  return feed;
}

/** The texts of the events of one kind. */
export function texts(events: readonly JobEvent[], kind: "log" | "note"): string[] {
  return events.flatMap((event) => ("text" in event.payload && event.kind === kind ? [event.payload.text] : []));
}
