import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { TrayJob } from "@/api/types";
import { followTray } from "./feed";
import { changed, ended, notify, showProgress } from "./tell";

const LOOKED = "exchangeai-jobs-looked";
const looked = () => localStorage.getItem(LOOKED) ?? "";

/** The jobs of all one's projects; `fresh` are those that have ended since one last looked, `look` says that one does. */
export function useTray() {
  const queries = useQueryClient();
  const [jobs, setJobs] = useState<TrayJob[]>([]);
  const [since, setSince] = useState(looked);
  const before = useRef<TrayJob[] | null>(null); // before the first look

  useEffect(
    () =>
      followTray((now, leads) => {
        if (before.current) {
          const news = changed(before.current, now);
          for (const id of new Set(news.map((job) => job.project_id)))
            void queries.invalidateQueries({ queryKey: ["project", id] });
          if (news.some((job) => job.thing === "transfer")) void queries.invalidateQueries({ queryKey: ["exchange"] });
          if (leads) for (const job of ended(before.current, now)) notify(job);
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
