import { screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { NextStep, Overview, Unfinished } from "@/api/types";
import { answering, show } from "@/test/render";
import { OverviewPage } from "./OverviewPage";
import { newestWords, stepWords, unfinishedWords } from "./words";

const counts = {
  n_recordings: 1200,
  n_patients: 900,
  n_with_findings: 1,
  n_partial: 0,
  n_without_patient: 0,
  n_labelled: 1190,
  n_datasets: 1,
  n_label_sets: 0,
  n_runs: 2,
  n_models: 1,
  n_predictions: 0,
  n_evaluations: 0,
};
const overview: Overview = {
  counts,
  newest: [{ kind: "model", id: "m", name: "Net", created_at: "2026-05-01T09:00:00Z" }],
  unfinished: [{ kind: "running", id: "r", name: "Second", n: 40, total: 100 }],
  health: { has_worker: true, n_waiting: 0, n_running: 1, n_failed: 0 },
  next_step: { kind: "wait", id: "r" },
};

function page(answer: Overview) {
  vi.stubGlobal(
    "fetch",
    answering({
      "GET /api/v1/projects/p/overview": () => answer,
      "GET /api/v1/projects/p": () => ({ id: "p", name: "Ward 3", description: "" }),
    }),
  );
  show(<OverviewPage />, "/projects/p/overview", "/projects/:projectId/overview");
}

test("what is here, what to do next and what is unfinished stand on one page, each with its way there", async () => {
  page(overview);
  expect(await screen.findByText("1,200")).toBeTruthy();
  const next = screen.getByRole("region", { name: "Next step" });
  expect(within(next).getByRole("link", { name: "Follow" }).getAttribute("href")).toBe("/projects/p/runs/r");
  expect(screen.getByText("“Second” is being trained: 40 % done.")).toBeTruthy();
  const findings = screen.getByRole("link", { name: "1 recording has findings" });
  expect(findings.getAttribute("href")).toBe("/projects/p/recordings?findings_only=true");
  expect(screen.getByText("10 recordings have no label in the newest table.")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Model “Net”" }).getAttribute("href")).toBe("/projects/p/models/m");
});

test("where no worker runs one is told so, and what to do", async () => {
  const health = { has_worker: false, n_waiting: 2, n_running: 0, n_failed: 1 };
  page({ ...overview, health, next_step: { kind: "start_worker", id: "" } });
  expect(await screen.findByText(/no worker is running/)).toBeTruthy();
  expect(screen.getByText("1 job of this project failed.")).toBeTruthy();
});

test("every kind of thing is told of in a whole sentence", () => {
  const steps: Record<NextStep["kind"], true> = {
    upload: true,
    wait: true,
    start_worker: true,
    label: true,
    read: true,
    freeze: true,
    match: true,
    train: true,
    retry: true,
    test: true,
    predict: true,
  };
  for (const kind of Object.keys(steps) as NextStep["kind"][]) {
    expect(stepWords({ kind, id: "x" }).text).toMatch(/^[A-Z].*\.$/);
  }
  const kinds: Record<Unfinished["kind"], true> = {
    refused: true,
    findings: true,
    reading: true,
    frozen: true,
    running: true,
    failed: true,
    untested: true,
    unmatched: true,
  };
  for (const kind of Object.keys(kinds) as Unfinished["kind"][]) {
    const { text, to } = unfinishedWords({ kind, id: "x", name: "N", n: 1, total: 3 });
    expect(text).toMatch(/\.$/);
    expect(to).toMatch(/^(imports\/x|labels|runs\/x|models\/x)/);
  }
  expect(newestWords({ kind: "import", id: "i", name: "", created_at: "" }).to).toBe("imports/i");
});
