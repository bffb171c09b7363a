import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { System } from "@/api/types";
import { answering, show } from "@/test/render";
import { ImportModel } from "./ImportModel";

const system = {
  presets: [{ name: "exchangeai", steps: [], value: { standardise: "none" } }],
  architectures: [{ name: "s4", title: "S4", recommended: true, preprocessing: { preset: "exchangeai" } }],
} as unknown as System;

const MODELS = "POST /api/v1/projects/p/models";

function asking(answer: (form: FormData) => unknown) {
  vi.stubGlobal("fetch", answering({ [MODELS]: async (request) => answer(await request.formData()) }));
  show(<ImportModel projectId="p" system={system} />);
}

test("a package needs nothing but itself, and is named after its file", async () => {
  const user = userEvent.setup();
  asking((form) => ({ id: "m", name: form.get("name"), labels: ["A"], notes: [] }));
  await user.upload(screen.getByLabelText("Model file"), new File(["PK"], "Ward model.zip"));
  expect(screen.queryByLabelText("Labels")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Import model" }));
  expect(await screen.findByText("“Ward model” was imported")).toBeTruthy();
});

test("what an ONNX file leaves open is asked for, filled with what is usual, and then sent", async () => {
  const user = userEvent.setup();
  const sent: Record<string, unknown>[] = [];
  asking((form) => {
    sent.push(Object.fromEntries([...form].filter(([name]) => name !== "file")));
    if (form.get("labels")) return { id: "m", name: "net", labels: ["NORM", "MI"], notes: [] };
    const refusal = { error: "InvalidInputError", detail: "Say it when you import it; missing: labels." };
    return Response.json(refusal, { status: 422 });
  });
  await user.upload(screen.getByLabelText("Model file"), new File(["x"], "net.onnx"));
  await user.click(screen.getByRole("button", { name: "Import model" }));
  expect((await screen.findByRole("alert")).textContent).toContain("missing: labels");
  await user.type(await screen.findByLabelText("Labels"), "NORM\nMI");
  await user.click(screen.getByRole("button", { name: "Import model" }));
  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[0]).toEqual({ name: "net" });
  expect(sent[1]).toMatchObject({ labels: '["NORM","MI"]', task: "single_label", preset: "exchangeai", rate: "100" });
});

test("a file that is no model is refused before it is sent", async () => {
  const user = userEvent.setup({ applyAccept: false });
  asking(() => null);
  await user.upload(screen.getByLabelText("Model file"), new File(["x"], "table.csv"));
  expect(screen.getByRole("alert").textContent).toContain("“table.csv” is not a model file");
  expect(screen.queryByRole("button", { name: "Import model" })).toBeNull();
});
