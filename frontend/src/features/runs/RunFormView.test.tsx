import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Dataset, Model, System } from "@/api/types";
import { answering, show } from "@/test/render";
import { choice, setting } from "@/test/training";
import { RunFormView } from "./RunFormView";

const dataset = {
  id: "d1",
  name: "Diagnoses",
  task: "single_label",
  labels: ["NORM", "AFIB"],
  n_matched: 12,
  n_partial: 0,
  split_column: null,
  parts: {},
} as unknown as Dataset;

const system = {
  presets: [{ name: "clinical", steps: ["Resampled to 100 samples a second."], value: {} }],
  architectures: [
    {
      name: "inception_time",
      title: "InceptionTime",
      description: "Small.",
      reference: "2020",
      config: { depth: 6 },
      options: [{ name: "depth", default: 6, low: 1, high: 12, whole: true, help: "Modules." }],
      recipe: {},
      preprocessing: { preset: "clinical" },
      parameters: 457_000,
      recommended: true,
      takes_patient: false,
      convex: false,
    },
  ],
  methods: [
    { name: "head", title: "Head only", help: "Takes seconds.", needs_base: true },
    { name: "head_then_all", title: "Head, then all layers", help: "The best choice.", needs_base: true },
  ],
  training_settings: [
    setting("max_epochs", 50, { title: "Maximum epochs" }),
    setting("optimizer", "adamw", { title: "Optimiser", choices: [choice("adamw"), choice("brand_new")] }),
  ],
} as unknown as System;

const base = {
  id: "m1",
  name: "Their model",
  architecture: "external",
  labels: ["A", "B"],
  for_training: true,
  methods: ["head", "head_then_all"],
  recipe: {},
  spec: { preprocessing: { preset: "custom", rate: 500, window_s: 10, standardise: "none", units_per_mv: 1000 } },
} as unknown as Model;

const RUNS = "POST /api/v1/projects/p/runs";
const ESTIMATE = `${RUNS}/estimate`;
const estimate = () => ({
  seconds: 170,
  most_seconds: 470,
  n_train: 8,
  method: "scratch",
  measured: true,
  notes: [],
  how_tested: { method: "holdout", folds: 0, repeats: 0, automatic: false, reason: "" },
  parts: { train: 8, validation: 1, test: 2 },
});

function shown(baseId: string | null = null) {
  return show(
    <RunFormView projectId="p" datasets={[dataset]} system={system} models={[base]} baseId={baseId} />,
    "/projects/p/runs/new",
    "/projects/:projectId/runs/new",
  );
}

test("defaults alone are enough, and the new training opens", async () => {
  const user = userEvent.setup();
  const bodies: unknown[] = [];
  const create = async (request: Request) => {
    bodies.push(await request.json());
    return { id: "r1" };
  };
  vi.stubGlobal("fetch", answering({ [RUNS]: create, [ESTIMATE]: estimate }));
  const { router } = shown();
  await user.click(screen.getByRole("button", { name: "Start training" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/p/runs/r1"));
  expect(bodies).toMatchObject([{ dataset_id: "d1", training: {}, base_model_id: null }]);
});

test("what the platform objects to stands in the form", async () => {
  const user = userEvent.setup();
  const refusal = { error: "TrainingImpossibleError", detail: "All 12 records are “NORM”. Add a second class." };
  const refuse = () => Response.json(refusal, { status: 422 });
  vi.stubGlobal("fetch", answering({ [RUNS]: refuse, [ESTIMATE]: estimate }));
  shown();
  await user.click(screen.getByRole("button", { name: "Start training" }));
  expect((await screen.findByRole("alert")).textContent).toContain("Add a second class.");
});

test("the time it will take is said before the start", async () => {
  vi.stubGlobal("fetch", answering({ [ESTIMATE]: estimate }));
  shown();
  expect(await screen.findByText("Estimated time: about 3 minutes; at most 8")).toBeTruthy();
});

test("what stands in the way is said before the start, and the button still works", async () => {
  const refuse = () => Response.json({ error: "SplitError", detail: "Fold 9 is missing." }, { status: 422 });
  vi.stubGlobal("fetch", answering({ [ESTIMATE]: refuse }));
  shown();
  expect(await screen.findByText("Fold 9 is missing.")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Start training" }).hasAttribute("disabled")).toBe(false);
});

test("the form is drawn from the settings that the platform serves", async () => {
  vi.stubGlobal("fetch", answering({ [ESTIMATE]: estimate }));
  const user = userEvent.setup();
  shown();
  await user.click(screen.getByRole("button", { name: "Advanced settings" }));
  expect(screen.getByLabelText("Depth")).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("Maximum epochs").value).toBe("50");
  expect(screen.getByText("Help of max_epochs")).toBeTruthy();
  await user.click(screen.getByRole("combobox", { name: "Optimiser" }));
  expect(await screen.findByRole("option", { name: "Title of brand_new" })).toBeTruthy();
});

test("a base model brings its methods, and its architecture and preprocessing are not to be chosen", async () => {
  const bodies: Record<string, unknown>[] = [];
  const answer = async (request: Request) => {
    bodies.push((await request.json()) as Record<string, unknown>);
    return estimate();
  };
  vi.stubGlobal("fetch", answering({ [ESTIMATE]: answer }));
  const user = userEvent.setup();
  shown("m1");
  expect(screen.getByRole<HTMLInputElement>("radio", { name: "Head, then all layers" }).checked).toBe(true);
  expect(screen.queryByRole("combobox", { name: "Architecture" })).toBeNull();
  expect(screen.getByRole("group", { name: "Preprocessing" }).textContent).toContain("in µV");
  await user.click(screen.getByRole("radio", { name: "Head only" }));
  await waitFor(() => expect(bodies.at(-1)).toMatchObject({ base_model_id: "m1", training: { method: "head" } }));
});
