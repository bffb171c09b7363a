import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { show } from "@/test/render";
import { OutcomeList } from "./OutcomeList";
import type { FileOutcome } from "./uploader";

const outcome = (id: number, change: Partial<FileOutcome> = {}): FileOutcome => ({
  key: id,
  file_name: `r${id}.csv`,
  status: "imported",
  detail: "",
  recording_ids: [`id${id}`],
  findings: [],
  offers: [],
  ...change,
});

test("five thousand outcomes are shown fifty at a time, and the problems alone when asked for", async () => {
  const user = userEvent.setup();
  const outcomes = Array.from({ length: 5000 }, (_, id) => outcome(id));
  outcomes[4321] = outcome(4321, {
    status: "refused",
    detail: "r4321.csv: Lead V6 is missing. Export all twelve.",
    recording_ids: [],
  });
  outcomes[4999] = outcome(4999, { findings: [{ code: "flat", message: "Lead V1 is flat." }] });
  show(<OutcomeList projectId="p" outcomes={outcomes} />);
  const table = screen.getByRole("table", { name: "Outcomes of the upload" });
  expect(within(table).getAllByRole("row")).toHaveLength(51);
  await user.click(screen.getByRole("switch", { name: "Show only problems" }));
  expect(within(table).getAllByRole("row")).toHaveLength(3);
  expect(within(table).getByText("Lead V6 is missing. Export all twelve.")).toBeTruthy();
  expect(within(table).getByText("Lead V1 is flat.")).toBeTruthy();
  expect(within(table).getByText("Refused")).toBeTruthy();
});

test("an imported file leads to its tracing", () => {
  show(<OutcomeList projectId="p" outcomes={[outcome(7)]} />);
  expect(screen.getByRole("link", { name: "r7.csv" }).getAttribute("href")).toBe("/projects/p/recordings/id7");
});

test("refused files that can be read as declared otherwise have a button for it", async () => {
  const user = userEvent.setup();
  let chosen: unknown = null;
  const refused = outcome(1, { status: "refused", detail: "Lead I is in 'NU', which is no voltage." });
  show(
    <OutcomeList
      projectId="p"
      outcomes={[refused]}
      offers={[{ unit: "arbitrary" }]}
      onReadAs={(offer) => {
        chosen = offer;
      }}
    />,
  );
  await user.click(screen.getByRole("button", { name: "Normalised, without a scale" }));
  expect(chosen).toEqual({ unit: "arbitrary" });
});
