import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Exchange, Model, Publication } from "@/api/types";
import { answering, show } from "@/test/render";
import { PublishForm } from "./PublishForm";

const model = { id: "m", name: "AF", licence: "", intended_use: "adults", project_id: "p" } as Model;
const exchange = { id: "e", name: "Clinics" } as Exchange;
const job = { id: "j", project_id: "p", status: "done", progress: 1, message: "", attempt: 0, error: null };
const publication: Publication = {
  slug: "af",
  versions: [1, 2],
  publisher: "",
  fingerprint: "ab12 cd34",
  missing: ["State the licence."],
  advice: [],
  findings: [],
  card: "# AF",
  ready: false,
};

function publishing(changes: Partial<Publication> = {}) {
  const sent: [string, unknown][] = [];
  vi.stubGlobal(
    "fetch",
    answering({
      "GET /api/v1/projects/p/models/m/publication": () => ({ ...publication, ...changes }),
      "PATCH /api/v1/projects/p/models/m": async (request) => {
        sent.push(["change", await request.json()]);
        return model;
      },
      "POST /api/v1/projects/p/transfers/push": async (request) => {
        sent.push(["push", await request.json()]);
        return { id: "t", project_id: "p", direction: "push", name: "AF", job };
      },
      "GET /api/v1/projects/p/jobs/j": () => job,
      "GET /api/v1/projects/p/jobs/j/events": () => [],
    }),
  );
  show(<PublishForm projectId="p" model={model} exchange={exchange} />);
  return sent;
}

test("licence, use and publisher must be stated; they are kept with the model, and it becomes the next version", async () => {
  const user = userEvent.setup();
  const sent = publishing();
  const publish = await screen.findByRole("button", { name: "Publish the model" });
  expect(publish).toHaveProperty("disabled", true);
  expect(screen.getByText("af, version 3")).toBeTruthy();
  expect(screen.getByText("Nothing tells of single patients.")).toBeTruthy();
  await user.type(screen.getByLabelText(/^Licence/), "CC BY 4.0");
  expect(publish).toHaveProperty("disabled", true);
  await user.type(screen.getByLabelText(/^Publisher/), "Hospital North");
  await user.type(screen.getByLabelText("What is new"), "More ECGs");
  await user.click(publish);
  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent).toEqual([
    ["change", { licence: "CC BY 4.0", intended_use: "adults" }],
    [
      "push",
      {
        exchange_id: "e",
        model_id: "m",
        publisher: "Hospital North",
        notes: "More ECGs",
        slug: "af",
        also_onnx: false,
        with_seen: false,
      },
    ],
  ]);
});

test("what tells of single patients and cannot be left out stops it", async () => {
  publishing({
    publisher: "Hospital North",
    findings: [
      { place: "name", reason: "a file name", mended: false },
      { place: "results", reason: "a small cell", mended: true },
      { place: "results", reason: "a small cell", mended: true },
    ],
  });
  const publish = await screen.findByRole("button", { name: "Publish the model" });
  await userEvent.setup().type(screen.getByLabelText(/^Licence/), "MIT");
  expect(publish).toHaveProperty("disabled", true);
  expect(screen.getByText("name: a file name")).toBeTruthy();
  expect(screen.getAllByText("results: a small cell")).toHaveLength(1);
});
