import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Evaluation, TargetResult } from "@/api/types";
import { show } from "@/test/render";
import { blandAltmanOf, scatterOf } from "./AgreementCharts";
import { ClassTable } from "./ClassTable";
import { Confusion, heatmapOf } from "./Confusion";
import { rocTraces } from "./RocChart";

const estimate = (value: number | null) => ({ value, low: null, high: null, withheld: null });
const label = (name: string, change = {}) => ({
  label: name,
  support: 10,
  predicted: 11,
  precision: estimate(0.6),
  recall: estimate(0.7),
  specificity: estimate(0.8),
  f1: { value: 0.65, low: 0.5, high: 0.75, withheld: null },
  auroc: { value: 0.9, low: 0.85, high: 0.95, withheld: null },
  average_precision: { ...estimate(null), withheld: "too few to say: 3" },
  npv: estimate(0.85),
  known: 85,
  patients_with: 10,
  patients_without: 75,
  pr: [],
  calibration: null,
  uncalibrated: null,
  operating_points: [],
  confusion: [
    [70, 3],
    [5, 7],
  ] as [[number, number], [number, number]],
  roc: [
    [0, 0],
    [0.1, 0.7],
    [1, 1],
  ] as [number, number][],
  ...change,
});
const evaluation = {
  task: "single_label",
  n: 85,
  drawn_by: "patient",
  resamples: 1000,
  thresholds: [0.3, 0.6],
  classes: [label("NORM"), label("MI", { recall: estimate(0.2) })],
  accuracy: estimate(0.9),
  macro_f1: estimate(0.65),
  weighted_f1: estimate(0.7),
  macro_auroc: estimate(0.9),
  // Of 50 NORM ten are predicted as MI, of 35 MI five as NORM.
  confusion: [
    [40, 10],
    [5, 30],
  ],
  notes: [],
} as unknown as Evaluation; // with what the charts show
const rowsOf = (table: string) =>
  [...screen.getByRole("table", { name: table }).querySelectorAll("tbody tr")].map((row) =>
    [...row.querySelectorAll("td, th")].map((cell) => cell.textContent),
  );

test("the confusion matrix has true labels in rows and predicted ones in columns", () => {
  const { container } = show(<Confusion evaluation={evaluation} />);
  expect([...container.querySelectorAll("thead th")].map((cell) => cell.textContent)).toEqual([
    "true ↓ predicted →",
    "NORM",
    "MI",
  ]);
  expect(rowsOf("Confusion matrix")).toEqual([
    ["NORM", "40", "10"],
    ["MI", "5", "30"],
  ]);
});

test("its drawing has the same rows and columns, each row as shares of the recordings with that label", () => {
  const { traces, layout } = heatmapOf(evaluation.confusion ?? [], ["NORM", "MI"]);
  const [heat] = traces;
  expect(heat?.z).toEqual([
    [0.8, 0.2],
    [5 / 35, 30 / 35],
  ]);
  expect(heat?.text).toEqual([
    ["40", "10"],
    ["5", "30"],
  ]);
  expect(layout.yaxis).toMatchObject({ title: { text: "true label" }, autorange: "reversed" });
  expect(layout.xaxis).toMatchObject({ title: { text: "predicted label" } });
  expect(heat?.hovertemplate).toContain("true label %{y}<br>predicted %{x}");
  expect(heatmapOf([[0]], ["A"]).traces[0]?.z).toEqual([[0]]);
});

test("with several labels a recording, each label has its own right and wrong", () => {
  show(<Confusion evaluation={{ ...evaluation, task: "multi_label", confusion: null }} />);
  expect(rowsOf("Confusion matrix of MI")).toEqual([
    ["present", "7", "5 false negative"],
    ["absent", "3 false positive", "70"],
  ]);
});

test("the table of labels has each number in its own column, and thresholds where labels are independent", () => {
  const { unmount } = show(<ClassTable evaluation={evaluation} />);
  expect(rowsOf("Results for each label")[1]).toEqual([
    "MI",
    "10",
    "0.20 (no interval)",
    "0.80 (no interval)",
    "0.60 (no interval)",
    "0.85 (no interval)",
    "0.65 (0.50 to 0.75)",
    "0.90 (0.85 to 0.95)",
    "too few to say: 3",
  ]);
  unmount();
  show(<ClassTable evaluation={{ ...evaluation, task: "multi_label" }} />);
  expect(rowsOf("Results for each label").map((row) => row.at(-1))).toEqual(["30 %", "60 %"]);
});

test("counts that a publisher withholds are said to be withheld", () => {
  const some = [label("NORM"), label("rare", { support: null, predicted: null, confusion: null })];
  const told = { ...evaluation, task: "multi_label", confusion: null, classes: some } as unknown as Evaluation;
  show(<Confusion evaluation={told} />);
  expect(screen.getByText(/1 of 2 withheld by the publisher/)).toBeTruthy();
  expect(screen.queryByRole("table", { name: "Confusion matrix of rare" })).toBeNull();
  show(<ClassTable evaluation={told} />);
  expect(rowsOf("Results for each label")[1]?.slice(0, 2)).toEqual(["rare", "withheld"]);
});

test("ROC curves rise: false positives along x, sensitivity along y", () => {
  const [chance, norm] = rocTraces(evaluation);
  expect(chance).toMatchObject({ x: [0, 1], y: [0, 1] });
  expect(norm).toMatchObject({ name: "NORM 0.90 (no interval)", x: [0, 0.1, 1], y: [0, 0.7, 1] });
  expect(rocTraces({ ...evaluation, classes: [label("none", { roc: [] })] })).toHaveLength(1);
  expect(rocTraces({ ...evaluation, classes: [label("rare", { patients_with: 4 })] })).toHaveLength(1);
});

const target: TargetResult = {
  label: "LVEF (%)",
  support: 2,
  mean: 50,
  sd: 10,
  mae: estimate(3),
  rmse: estimate(4),
  bias: estimate(-3),
  r2: estimate(0.7),
  pearson: estimate(0.9),
  lower_limit: estimate(-8),
  upper_limit: estimate(2),
  n_patients: 2,
  points: [
    [60, 55],
    [40, 39],
  ],
};

test("dots stand at the measured value along x and the predicted one along y", () => {
  const { traces, layout } = scatterOf(target.points, 1);
  expect(traces[0]).toMatchObject({ x: [60, 40], y: [55, 39] });
  expect(layout.xaxis.title.text).toBe("measured");
  expect(layout.xaxis.range).toEqual(layout.yaxis.range);
});

test("the plot of Bland and Altman has predicted less measured over their mean, with bias and limits", () => {
  const { traces, layout } = blandAltmanOf(target, 1);
  expect(traces[0]).toMatchObject({ x: [57.5, 39.5], y: [-5, -1] });
  const at = layout.shapes.map(({ y0 }) => y0);
  const sd = Math.sqrt((16 - 9) * 2);
  expect(at).toEqual([-3, expect.closeTo(-3 + 1.96 * sd, 9), expect.closeTo(-3 - 1.96 * sd, 9)]);
  expect(layout.annotations.map(({ text }) => text)[0]).toBe("bias<br>−3.0");
});
