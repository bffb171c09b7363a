import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { Facets } from "@/api/types";
import type { RecordingList } from "@/lib/recordingList";
import { answering, show } from "@/test/render";
import { FilterFields } from "./FilterFields";

const none: Facets = { format: [], device: [], sex: [], finding: [], labels: [], age: null, recorded: null };
const prediction = { id: "x", model_name: "Net", created_at: "2026-05-01T09:00:00Z", n_results: 5, counts: { MI: 2 } };

afterEach(() => vi.unstubAllGlobals());

function fields(facets: Facets, list: RecordingList, predictions: unknown[] = []) {
  vi.stubGlobal(
    "fetch",
    answering({
      "GET /api/v1/projects/p/predictions": () =>
        predictions.map((one) => ({ ...(one as object), job: { status: "done" } })),
      "GET /api/v1/projects/p/predictions/x": () => prediction,
    }),
  );
  const changes: RecordingList[] = [];
  show(<FilterFields projectId="p" facets={facets} list={list} onChange={(change) => changes.push(change)} />);
  return changes;
}

test("what no recording has cannot be filtered by", () => {
  fields(none, {});
  expect(screen.queryByRole("combobox")).toBeNull();
  expect(screen.queryByText("Age from")).toBeNull();
});

test("a value is offered with how many have it, and chosen as the API knows it", async () => {
  const changes = fields({ ...none, finding: [{ value: "flat_lead", n: 3 }], age: { low: 20, high: 80 } }, {});
  await userEvent.click(screen.getByRole("combobox", { name: "Finding" }));
  await userEvent.click(await screen.findByRole("option", { name: "flat lead (3)" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Age from" }), "4");
  expect(changes).toEqual([{ finding: "flat_lead" }, { age_min: "4" }]);
});

test("of a prediction one sees the disagreements; another prediction begins anew", async () => {
  const changes = fields(none, { prediction_id: "x", disagreement: "true" }, [prediction]);
  const only = (await screen.findByRole("checkbox", { name: "Only disagreements" })) as HTMLInputElement;
  expect(only.checked).toBe(true);
  await userEvent.click(only);
  expect(changes).toEqual([{ disagreement: "" }]);
});
