import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TrayJob } from "@/api/types";
import { setPageTitle } from "@/lib/pageTitle";
import { answering, show } from "@/test/render";
import { TrayButton } from "./TrayButton";
import { ended, progressOf } from "./tell";
import { endWords, KINDS, placeOf } from "./words";

const job = (more: Partial<TrayJob>): TrayJob => ({
  id: "j",
  kind: "runs.train",
  status: "running",
  progress: 0.4,
  message: "Epoch 4 of at most 10",
  error: null,
  attempt: 1,
  created_at: "2026-05-01T09:00:00Z",
  started_at: "2026-05-01T09:00:00Z",
  finished_at: null,
  cancel_requested_at: null,
  stop_requested_at: null,
  project_id: "p",
  project_name: "Ward 3",
  thing: "run",
  thing_id: "r",
  title: "First",
  seconds_left: 120,
  can_keep: false,
  can_resume: false,
  ...more,
});
const over = { status: "failed", finished_at: "2026-05-01T09:05:00Z", progress: 0.2, can_resume: true } as const;

let asked: string[];

function tray(jobs: TrayJob[]) {
  asked = [];
  const note = (request: Request) => {
    asked.push(new URL(request.url).pathname + new URL(request.url).search);
    return jobs[0];
  };
  vi.stubGlobal(
    "fetch",
    answering({
      "GET /api/v1/jobs": () => jobs,
      "GET /api/v1/account": () => ({ mode: "local", signed_in: true, is_admin: true, roles: {}, csrf_token: "" }),
      "POST /api/v1/projects/p/jobs/j/cancel": note,
      "POST /api/v1/projects/p/jobs/j/resume": note,
    }),
  );
  return show(<TrayButton />);
}

async function opened(name: RegExp) {
  await userEvent.click(await screen.findByRole("button", { name }));
  return within(await screen.findByRole("list", { name: "Jobs of all projects" }));
}

beforeEach(() => {
  localStorage.clear();
  vi.stubGlobal("BroadcastChannel", undefined); // as in a browser without: each tab asks
});
afterEach(() => setPageTitle(""));

test("what runs in any project is told of on every page, in the title of the tab too", async () => {
  setPageTitle("Labels");
  tray([job({})]);
  const list = await opened(/^Jobs: 1 going on$/);
  expect(list.getByRole("link", { name: "First" }).getAttribute("href")).toBe("/projects/p/runs/r");
  expect(list.getByText("Training · Ward 3")).toBeTruthy();
  expect(list.getByText("40 % · about 2 min left")).toBeTruthy();
  expect(document.title).toBe("40 % · Labels · ExChanGeAI");
});

test("a training with a best epoch asks whether to keep its model before it is cancelled", async () => {
  tray([job({ can_keep: true })]);
  const list = await opened(/going on/);
  await userEvent.click(list.getByRole("button", { name: "Cancel" }));
  expect(asked).toEqual([]);
  await userEvent.click(list.getByRole("button", { name: "Stop and keep the model" }));
  await waitFor(() => expect(asked).toEqual(["/api/v1/projects/p/jobs/j/cancel?keep_model=true"]));
});

test("anything else is cancelled at once", async () => {
  tray([job({})]);
  const list = await opened(/going on/);
  await userEvent.click(list.getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(asked).toEqual(["/api/v1/projects/p/jobs/j/cancel?keep_model=false"]));
});

test("what has failed says why and goes on at the press of a button; once seen it is not new any more", async () => {
  tray([job({ ...over, error: "The disk is full." })]);
  const list = await opened(/1 job ended since you last looked/);
  expect(list.getByText("The disk is full.")).toBeTruthy();
  await userEvent.click(list.getByRole("button", { name: "Resume" }));
  await waitFor(() => expect(asked).toEqual(["/api/v1/projects/p/jobs/j/resume"]));
  expect(await screen.findByRole("button", { name: "Jobs" })).toBeTruthy();
});

test("only what ends under one's eyes is told of, and progress is that of what runs", () => {
  const before = [job({}), job({ id: "k", ...over })];
  const now = [job({ ...over }), job({ id: "k", ...over }), job({ id: "l", ...over })];
  expect(ended(before, now).map(({ id }) => id)).toEqual(["j"]);
  expect(progressOf([])).toBeNull();
  expect(progressOf([job({}), job({ progress: 0.8 }), job({ ...over, progress: 0 })])).toBeCloseTo(0.6);
});

test("every kind of job is told of in a whole sentence and has its place", () => {
  for (const thing of Object.keys(KINDS) as TrayJob["thing"][]) {
    for (const status of ["done", "failed", "cancelled"] as const) {
      expect(endWords(job({ thing, status }))).toMatch(/^(The|Filling) .*\.$/);
    }
    expect(placeOf(job({ thing }))).toMatch(/^\/projects\/p\/\w+/);
  }
});
