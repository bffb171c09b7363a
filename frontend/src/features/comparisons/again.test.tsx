import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { Comparison, ComparisonIn, Dataset } from "@/api/types";
import { answering, show } from "@/test/render";
import { ComparisonForm } from "./ComparisonForm";

afterEach(() => vi.unstubAllGlobals());

const datasets = [
  { id: "d0", name: "Newest", n_matched: 9 },
  { id: "d1", name: "Table", n_matched: 80 },
] as Dataset[];
const asked = [
  { architecture: "s4", training: { max_epochs: 3 }, architecture_config: {}, base_model_id: null },
  { architecture: null, training: { method: "head" }, architecture_config: {}, base_model_id: "cardx" },
];
const again = {
  id: "c",
  name: "Which model for Table?",
  dataset_id: "d1",
  dataset_name: "Table",
  labels: ["MI"],
  folds_by: "patient",
  folds: 4,
  repeats: 2,
  split_seed: 9,
  candidates: asked.map((one, n) => ({ title: `Candidate ${n}`, asked: one })),
} as unknown as Comparison;

function platform() {
  const bodies: ComparisonIn[] = [];
  const POST = "POST /api/v1/projects/p/comparisons";
  vi.stubGlobal(
    "fetch",
    answering({
      [`${POST}/estimate`]: async (request) => {
        const body: ComparisonIn = await request.json();
        const named = body.candidates ?? [
          { architecture: "usual", title: "Usual" },
          { architecture: "other", title: "Other" },
        ];
        return {
          seconds: 2,
          candidates: named.map((candidate) => ({
            candidate,
            title: candidate.title,
            seconds: 1,
            measured: true,
            included: true,
          })),
        };
      },
      [POST]: async (request) => {
        bodies.push(await request.json());
        return { id: "new" };
      },
    }),
  );
  return bodies;
}

test("a comparison that is run again asks for the same models, labels, folds and seed on the same table", async () => {
  const user = userEvent.setup();
  const bodies = platform();
  show(<ComparisonForm projectId="p" datasets={datasets} again={again} />);
  expect(await screen.findByRole("checkbox", { name: /Candidate 1/ })).toHaveProperty("checked", true);
  await user.click(screen.getByRole("button", { name: "Compare" }));
  await waitFor(() => expect(bodies).toHaveLength(1));
  expect(bodies[0]).toMatchObject({ dataset_id: "d1", labels: ["MI"], folds: 4, repeats: 2, split_seed: 9, name: "" });
  expect(bodies[0]?.candidates).toEqual(asked.map((one, n) => ({ ...one, title: `Candidate ${n}` })));
});

test("another time proposes the usual models again, and a table that is gone is said", async () => {
  const user = userEvent.setup();
  const bodies = platform();
  show(<ComparisonForm projectId="p" datasets={datasets} again={{ ...again, dataset_id: null }} />);
  expect(screen.getByText(/The label table “Table” is not there any more/)).toBeTruthy();
  expect(await screen.findByRole("checkbox", { name: /Usual/ })).toBeTruthy();
  await user.click(screen.getByRole("radio", { name: "Half an hour" }));
  await user.click(screen.getByRole("button", { name: "Compare" }));
  await waitFor(() => expect(bodies).toHaveLength(1));
  expect(bodies[0]).toMatchObject({ dataset_id: "d0", minutes: 30, split_seed: 9 });
  expect(bodies[0]?.candidates).toBeUndefined();
});
