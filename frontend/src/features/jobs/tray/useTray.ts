import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { TrayJob } from "@/api/types";
import { followTray } from "./feed";
import { ended, notify, showProgress } from "./tell";

const LOOKED = "exchangeai-jobs-looked";
const looked = () => localStorage.getItem(LOOKED) ?? "";

/** The jobs of all one's projects; `fresh` are those that have ended since one last looked, `look` says that one does. */
export function useTray() {
  const queries = useQueryClient();
  const [jobs, setJobs] = useState<TrayJob[]>([]);
  const [since, setSince] = useState(looked);
  const before = useRef<TrayJob[]>([]);

  useEffect(
    () =>
      followTray((now, leads) => {
        for (const job of ended(before.current, now)) {
          void queries.invalidateQueries({ queryKey: ["project", job.project_id] });
          if (leads) notify(job);
        }
        before.current = now;
        setJobs(now);
      }),
    [queries],
  );
  useEffect(() => showProgress(jobs), [jobs]);
  useEffect(() => () => showProgress([]), []);

  const fresh = jobs.filter((job) => job.finished_at !== null && job.finished_at > since).length;
  const look = () => {
    const newest = [since, ...jobs.map((job) => job.finished_at ?? "")].sort().at(-1) ?? since;
    localStorage.setItem(LOOKED, newest);
    setSince(newest);
  };
  return { jobs, fresh, look };
}
