import { screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { JobState } from "@/api/types";
import { answering, show } from "@/test/render";
import { PredictionPage } from "./PredictionPage";

beforeEach(() => {
  vi.stubGlobal("EventSource", undefined); // as in a browser without streams: the job is asked for
  vi.stubGlobal("navigator", {});
});
afterEach(() => vi.unstubAllGlobals());

function page(status: JobState["status"]) {
  const job = { id: "j", kind: "predictions.predict", status, progress: 0.5, message: "", error: null, attempt: 1 };
  const nothing = { items: [], total: 0 };
  vi.stubGlobal(
    "fetch",
    answering({
      "GET /api/v1/projects/p/predictions/x": () => ({
        id: "x",
        model_id: "m",
        model_name: "Net",
        dataset_id: null,
        created_at: "2026-05-01T09:00:00Z",
        n_results: 32,
        n_errors: 0,
        counts: {},
        job,
      }),
      "GET /api/v1/projects/p/predictions/x/results": () => nothing,
      "GET /api/v1/projects/p/jobs/j": () => job,
      "GET /api/v1/projects/p/jobs/j/events": () => [],
    }),
  );
  show(<PredictionPage />, "/projects/p/predictions/x", "/projects/:projectId/predictions/:predictionId");
}

const csv = () => screen.queryByRole("link", { name: "Download CSV" });

test("half of a table of results cannot be taken along while the rest is being predicted", async () => {
  page("running");
  expect(await screen.findByText("These results are not complete")).toBeTruthy();
  expect(csv()).toBeNull();
});

test.each(["done", "failed", "cancelled"] as const)(
  "what there is can be taken along once a prediction is %s",
  async (status) => {
    page(status);
    await screen.findByRole("heading", { name: "Prediction of all recordings" });
    expect(csv()?.getAttribute("href")).toContain("/predictions/x/");
  },
);
