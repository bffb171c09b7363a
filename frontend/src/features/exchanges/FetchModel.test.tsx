import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { ExchangeModel } from "@/api/types";
import { answering, show } from "@/test/render";
import { FetchModel, placeFor } from "./FetchModel";

const model = (changes: Partial<ExchangeModel>): ExchangeModel =>
  ({
    place: "af/2",
    bare: false,
    name: "AF",
    publisher: "Hospital North",
    fingerprint: "ab12 cd34",
    signature: "new",
    here: [],
    labels: ["AF"],
    ...changes,
  }) as ExchangeModel;

const job = { id: "j", project_id: "p", status: "done", progress: 1, message: "", attempt: 0, error: null };

function fetching(changes: Partial<ExchangeModel>) {
  const sent: unknown[] = [];
  vi.stubGlobal(
    "fetch",
    answering({
      "GET /api/v1/projects": () => [{ id: "p", name: "Ward" }],
      "POST /api/v1/projects/p/transfers/pull": async (request) => {
        sent.push(await request.json());
        return { id: "t", project_id: "p", direction: "pull", name: "AF", job };
      },
      "GET /api/v1/projects/p/jobs/j": () => job,
      "GET /api/v1/projects/p/jobs/j/events": () => [],
    }),
  );
  return { sent, ...show(<FetchModel exchangeId="e" model={model(changes)} />) };
}

test("a new key is shown and must be accepted before anything is fetched", async () => {
  const user = userEvent.setup();
  const { sent } = fetching({});
  await user.click(await screen.findByRole("button", { name: "Fetch the model" }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog.textContent).toContain("ab12 cd34");
  const trust = within(dialog).getByRole("button", { name: "Trust and fetch" });
  expect(trust).toHaveProperty("disabled", true);
  expect(sent).toEqual([]);
  await user.click(within(dialog).getByRole("checkbox"));
  await user.click(trust);
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toMatchObject({ exchange_id: "e", item: "af/2", trust: "ab12 cd34", unverified: false });
});

test("a key that is another one than before is warned of", async () => {
  const user = userEvent.setup();
  fetching({ signature: "another key" });
  await user.click(await screen.findByRole("button", { name: "Fetch the model" }));
  expect((await screen.findByRole("dialog")).textContent).toContain("somebody may be pretending to be them");
});

test("an unsigned file is fetched only when that is wanted all the same", async () => {
  const user = userEvent.setup();
  const { sent } = fetching({ signature: "unsigned", bare: true, place: "net.onnx", fingerprint: "" });
  await user.click(await screen.findByRole("button", { name: "Fine-tune this" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByRole("checkbox", { name: "I want it although nobody has signed it" }));
  await user.click(within(dialog).getByRole("button", { name: "Fetch it" }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toMatchObject({ item: "net.onnx", trust: "", unverified: true });
});

test("a trusted key is not asked about, and what a model is offered for goes along", async () => {
  const user = userEvent.setup();
  const { sent } = fetching({ signature: "trusted" });
  await user.click(await screen.findByRole("checkbox", { name: "Offer it for training" }));
  expect(screen.getByRole("button", { name: "Fine-tune this" })).toHaveProperty("disabled", true);
  await user.click(screen.getByRole("button", { name: "Fetch the model" }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toMatchObject({ trust: "", for_prediction: true, for_training: false });
});

test("nothing that a refused key has signed can be fetched", async () => {
  fetching({ signature: "refused" });
  expect(await screen.findByText("Its key was refused here")).toBeTruthy();
  expect(screen.queryByRole("button")).toBeNull();
});

test("a model that is here is not fetched again, one goes on with it at once", async () => {
  const user = userEvent.setup();
  const here = [{ project_id: "q", project_name: "Other", model_id: "m", name: "AF" }];
  const { sent, router } = fetching({ here });
  await user.click(await screen.findByRole("button", { name: "Evaluate this on my data" }));
  await waitFor(() => expect(router.state.location.pathname).toMatch(/\/models\/m\/evaluate$/));
  expect(sent).toEqual([]);
  expect(placeFor("fine-tune", "p", "m 1")).toBe("/projects/p/runs/new?base=m%201");
});
