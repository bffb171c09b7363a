import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { usableModelsQuery } from "@/api/models";
import type { Model, RecordingPrediction } from "@/api/types";
import { answering, show } from "@/test/render";
import { PredictPanel } from "./PredictPanel";

const model = (id: string, project_id: string) =>
  ({ id, name: id, project_id, project_name: project_id, has_head: true, score: null }) as Model;
const own = model("own", "p");
const foreign = model("foreign", "q");
const panel = <PredictPanel projectId="p" recordingId="r" />;

/** Answer with that list of models, and with predictions that name their model as label. */
function platform(models: () => unknown) {
  const said = (id: string) => (): RecordingPrediction => ({
    model_id: id,
    recording_id: "r",
    file_name: "a.dcm",
    task: "single_label",
    predicted: [id],
    labels: [{ label: id, name: `what ${id} says`, probability: 1, threshold: null, predicted: true, abstains: false }],
    abstains: false,
    notes: [],
    seen: "no",
    seen_text: "",
  });
  vi.stubGlobal(
    "fetch",
    answering({
      "GET /api/v1/projects/p/models": models,
      "GET /api/v1/projects/p/recordings/r": () => ({ missing_leads: [] }),
      "POST /api/v1/projects/p/models/own/predict": said("own"),
      "POST /api/v1/projects/p/models/foreign/predict": said("foreign"),
    }),
  );
}

afterEach(() => {
  sessionStorage.clear();
  vi.unstubAllGlobals();
});

test("no model of an earlier list predicts while the newer list is on its way", async () => {
  let come: (models: Model[]) => void = () => undefined;
  const listed = new Promise<Model[]>((resolve) => {
    come = resolve;
  });
  platform(() => listed);
  show(panel, "/", "*", (queries) =>
    queries.setQueryData(usableModelsQuery("p", "prediction").queryKey, [foreign], { updatedAt: 1 }),
  );
  expect(screen.queryByRole("button", { name: "Predict this recording" })).toBeNull();
  come([own, foreign]);
  await userEvent.click(await screen.findByRole("button", { name: "Predict this recording" }));
  expect((await screen.findByRole("status")).textContent).toBe("what own says");
});

test("a result goes when the list changes so that another model stands above it", async () => {
  let models = [foreign];
  platform(() => models);
  const { queries } = show(panel);
  await userEvent.click(await screen.findByRole("button", { name: "Predict this recording" }));
  expect((await screen.findByRole("status")).textContent).toBe("what foreign says");
  models = [own, foreign];
  await queries.invalidateQueries();
  await waitFor(() => expect(screen.queryByRole("status")).toBeNull());
  await userEvent.click(screen.getByRole("button", { name: "Predict this recording" }));
  expect((await screen.findByRole("status")).textContent).toBe("what own says");
});
