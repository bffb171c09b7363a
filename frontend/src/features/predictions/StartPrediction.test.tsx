import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { Model } from "@/api/types";
import { answering, show } from "@/test/render";
import { StartPrediction } from "./StartPrediction";

afterEach(() => vi.unstubAllGlobals());

const models = ["m1", "m2"].map((id) => ({ id, name: `Model ${id}`, project_id: "p", origin: "trained" })) as Model[];

function platform() {
  const bodies: unknown[] = [];
  vi.stubGlobal(
    "fetch",
    answering({
      "GET /api/v1/projects/p/datasets": () => [{ id: "d1", name: "Table" }],
      "POST /api/v1/projects/p/predictions": async (request) => {
        bodies.push(await request.json());
        return { id: "new" };
      },
    }),
  );
  return bodies;
}

test("a prediction that is run again has the model and the recordings it had", async () => {
  const user = userEvent.setup();
  const bodies = platform();
  show(<StartPrediction projectId="p" models={models} />, "/?model=m2&dataset=d1");
  await waitFor(() =>
    expect(screen.getByRole("combobox", { name: "Recordings" })).toHaveProperty("value", "Labelled by “Table”"),
  );
  await user.click(screen.getByRole("button", { name: "Start prediction" }));
  await waitFor(() => expect(bodies).toEqual([{ model_id: "m2", dataset_id: "d1" }]));
});

test("no other model takes the place of one that is not offered any more", async () => {
  platform();
  show(<StartPrediction projectId="p" models={models} />, "/?model=gone");
  expect(screen.getByRole("combobox", { name: "Model" })).toHaveProperty("value", "");
  expect(screen.getByRole("button", { name: "Start prediction" })).toHaveProperty("disabled", true);
});
