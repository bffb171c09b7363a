import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Dataset, System } from "@/api/types";
import { answering, show } from "@/test/render";
import { RunFormView } from "./RunFormView";

const dataset = {
  id: "d1",
  name: "Diagnoses",
  labels: ["NORM", "AFIB"],
  n_matched: 12,
  split_column: null,
  parts: {},
} as unknown as Dataset;

const system = {
  presets: [{ name: "clinical", steps: ["Resampled to 100 samples a second."], value: {} }],
  architectures: [
    { name: "inception_time", title: "InceptionTime", description: "Small.", reference: "2020", config: {} },
  ],
  training_defaults: { max_epochs: 50, learning_rate: null, class_weights: true, new_setting: 3 },
} as unknown as System;

const route = "/projects/:projectId/runs/new";

test("defaults alone are enough, and the new training opens", async () => {
  const user = userEvent.setup();
  const bodies: unknown[] = [];
  const create = async (request: Request) => {
    bodies.push(await request.json());
    return { id: "r1" };
  };
  vi.stubGlobal("fetch", answering({ "POST /api/v1/projects/p/runs": create }));
  const { router } = show(
    <RunFormView projectId="p" datasets={[dataset]} system={system} />,
    "/projects/p/runs/new",
    route,
  );
  await user.click(screen.getByRole("button", { name: "Start training" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/p/runs/r1"));
  expect(bodies).toMatchObject([{ dataset_id: "d1", training: {}, preprocessing: { preset: "clinical" } }]);
});

test("what the platform objects to stands in the form", async () => {
  const user = userEvent.setup();
  const refusal = { error: "TrainingImpossibleError", detail: "All 12 records are “NORM”. Add a second class." };
  vi.stubGlobal("fetch", answering({ "POST /api/v1/projects/p/runs": () => Response.json(refusal, { status: 422 }) }));
  show(<RunFormView projectId="p" datasets={[dataset]} system={system} />, "/projects/p/runs/new", route);
  await user.click(screen.getByRole("button", { name: "Start training" }));
  expect((await screen.findByRole("alert")).textContent).toContain("Add a second class.");
});

test("a setting that the page does not know yet is shown under its own name", async () => {
  const user = userEvent.setup();
  show(<RunFormView projectId="p" datasets={[dataset]} system={system} />, "/projects/p/runs/new", route);
  await user.click(screen.getByRole("button", { name: "Advanced settings" }));
  expect(screen.getByLabelText("new setting")).toBeTruthy();
  expect(screen.getByLabelText("Most epochs")).toBeTruthy();
});
