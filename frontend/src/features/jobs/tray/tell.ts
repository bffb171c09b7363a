/** How a tab tells of jobs where nobody looks at it: its title, its icon, and a notification for who wants one. */

import { isOver } from "@/api/jobs";
import type { TrayJob } from "@/api/types";
import { setTitleBefore } from "@/lib/pageTitle";
import { endWords } from "./words";

const WANTED = "exchangeai-notify";
const TONE = "#0c5f6b";

/** How far the running jobs are on average, from 0 to 1; null where none runs. */
export function progressOf(jobs: readonly TrayJob[]): number | null {
  const running = jobs.filter((job) => job.status === "running");
  if (running.length === 0) return null;
  return running.reduce((sum, job) => sum + job.progress, 0) / running.length;
}

/** Jobs that were going on before and are over now. */
export function ended(before: readonly TrayJob[], now: readonly TrayJob[]): TrayJob[] {
  const open = new Set(before.filter((job) => !isOver(job)).map((job) => job.id));
  return now.filter((job) => isOver(job) && open.has(job.id));
}

/** Jobs that have come, begun, ended or been taken up again since. */
export function changed(before: readonly TrayJob[], now: readonly TrayJob[]): TrayJob[] {
  const was = new Map(before.map((job) => [job.id, job.status]));
  return now.filter((job) => was.get(job.id) !== job.status);
}

export function showProgress(jobs: readonly TrayJob[]): void {
  const progress = progressOf(jobs);
  setTitleBefore(progress === null ? "" : `${Math.floor(100 * progress)} %`);
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (!link) return;
  link.dataset.usual ??= link.href;
  const href = progress === null ? link.dataset.usual : ring(progress);
  if (href && link.href !== href) link.href = href;
}

/** The icon with a ring around it that is as full as the work is done. */
function ring(progress: number): string | null {
  const canvas = document.createElement("canvas");
  canvas.width = 32;
  canvas.height = 32;
  const pen = canvas.getContext("2d");
  if (!pen) return null;
  const arc = (from: number, to: number, colour: string) => {
    pen.beginPath();
    pen.arc(16, 16, 12, from, to);
    pen.lineWidth = 7;
    pen.strokeStyle = colour;
    pen.stroke();
  };
  const top = -Math.PI / 2;
  arc(0, 2 * Math.PI, "#b9c6ca");
  arc(top, top + 2 * Math.PI * Math.max(0.03, progress), TONE);
  return canvas.toDataURL("image/png");
}

export const canNotify = (): boolean => typeof Notification !== "undefined";

export function wantsNotes(): boolean {
  return canNotify() && Notification.permission === "granted" && localStorage.getItem(WANTED) === "yes";
}

/** Ask the browser, and remember; returns whether notifications come from now on. */
export async function wantNotes(wanted: boolean): Promise<boolean> {
  const granted = wanted && canNotify() && (await Notification.requestPermission()) === "granted";
  localStorage.setItem(WANTED, granted ? "yes" : "no");
  return granted;
}

/** Tell of a job that has ended, where nobody looks at the page. Several tabs tell of it once: they use the same tag. */
export function notify(job: TrayJob): void {
  if (!wantsNotes() || !document.hidden) return;
  new Notification(endWords(job), { body: job.project_name, tag: job.id });
}
