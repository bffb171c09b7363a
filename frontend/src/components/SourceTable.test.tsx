import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { SourceScore } from "@/api/types";
import { show } from "@/test/render";
import { SourceTable } from "./SourceTable";

const estimate = (value: number) => ({ value, low: value - 0.1, high: value + 0.05, withheld: null });
const NOTHING = { value: null, low: null, high: null, withheld: "too few to say: 3" };
const SOURCES: SourceScore[] = [
  { name: "MAC", n_sources: 1, n: 28, n_patients: 25, labels: ["MI"], scores: [estimate(0.9), estimate(0.8)] },
  { name: null, n_sources: 2, n: 6, n_patients: 6, labels: [], scores: [NOTHING, NOTHING] },
];

test("each source has a row with the score of each model, and small ones are told together", () => {
  show(<SourceTable by="device" measure="macro_auroc" sources={SOURCES} titles={["One", "Other"]} />);
  const [head, first, second] = within(screen.getByRole("table", { name: "Each source apart" })).getAllByRole("row");
  const cells = (row?: HTMLElement) => [...(row?.children ?? [])].map((cell) => cell.textContent);
  expect(cells(head)).toEqual(["Device", "Recordings", "Patients", "One", "Other", "Labels"]);
  expect(cells(first)).toEqual(["MAC", "28", "25", "0.900 (0.800 to 0.950)", "0.800 (0.700 to 0.850)", "MI"]);
  expect(cells(second)).toEqual(["2 sources of few patients", "6", "6", "too few to say", "too few to say", "–"]);
});

test("where folds are no sources nothing is shown", () => {
  show(<SourceTable by="patient" measure="macro_auroc" sources={[]} />);
  expect(screen.queryByRole("table")).toBeNull();
});
