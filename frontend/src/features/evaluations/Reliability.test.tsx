import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Evaluation } from "@/api/types";
import { show } from "@/test/render";
import { OperatingPoints } from "./OperatingPoints";
import { Reliability } from "./Reliability";

const estimate = (value: number) => ({ value, low: value - 0.1, high: value + 0.1, withheld: null });
const few = { value: null, low: null, high: null, withheld: "too few to say: 3" };
const calibration = {
  brier: estimate(0.2),
  ece: 0.02,
  ece_by_chance: 0.018,
  slope: estimate(1),
  intercept: few,
  bins: [
    { low: 0.8, high: 0.9, n: 4, predicted: 0.84, observed: estimate(0.75) },
    { low: 0.7, high: 0.8, n: 40, predicted: 0.74, observed: estimate(0.7) },
  ],
};
const point = { rule: "sensitivity_90", threshold: 0.123, sensitivity: estimate(0.88), specificity: estimate(0.7) };
const evaluation = {
  classes: [
    {
      label: "AFIB",
      calibration,
      uncalibrated: { ...calibration, slope: estimate(0.5) },
      operating_points: [{ ...point, precision: few, npv: few }],
    },
  ],
  n: 400,
  ece: 0.02,
  ece_by_chance: 0.018,
  ece_uncalibrated: 0.11,
} as unknown as Evaluation;
const cells = (name: string) =>
  [...screen.getByRole("table", { name }).querySelectorAll("tbody td")].map((cell) => cell.textContent);

test("what was said stands against what was so, drawn and in a table that says the same", () => {
  const { container } = show(<Reliability evaluation={evaluation} />);
  expect(cells("Probabilities of AFIB and what was so")).toEqual(["74 %", "40", "70 (60 to 80)"]);
  expect(screen.getByRole("img", { name: /Reliability of AFIB/ }).querySelectorAll("circle")).toHaveLength(2);
  expect(container.textContent).toContain("off by 2.0 % on average");
  expect(container.textContent).toContain("before calibration by 11.0 %");
  expect(container.textContent).toContain("perfectly calibrated probabilities would be off by 1.8 %");
  expect(container.textContent).toContain("intercept too few to say: 3");
});

test("a dot is shown whether or not many have the label, since its interval holds of what outputs say", () => {
  const [one] = evaluation.classes;
  const rare = { ...one, label: "WPW", patients_with: 3, patients_without: 397 };
  const { unmount } = show(
    <Reliability evaluation={{ ...evaluation, classes: [one, rare] } as unknown as Evaluation} />,
  );
  expect(screen.getByText("1 label that fewer than five patients have, or lack")).toBeTruthy();
  expect(cells("Probabilities of WPW and what was so")).toEqual(["74 %", "40", "70 (60 to 80)"]);
  unmount();
  const { container } = show(
    <Reliability evaluation={{ ...evaluation, ece: null, classes: [rare] } as unknown as Evaluation} />,
  );
  expect(cells("Probabilities of WPW and what was so")).toHaveLength(3);
  expect(container.textContent).not.toContain("expected calibration error");
});

test("results of earlier versions, which have none, show nothing", () => {
  const old = {
    ...evaluation,
    ece: null,
    classes: [{ ...evaluation.classes[0], calibration: null, operating_points: [] }],
  };
  show(<Reliability evaluation={old as unknown as Evaluation} />);
  show(<OperatingPoints evaluation={old as unknown as Evaluation} />);
  expect(screen.queryByRole("table")).toBeNull();
});

test("other thresholds say what they were chosen for and how good they are", () => {
  show(<OperatingPoints evaluation={evaluation} />);
  expect(cells("Other thresholds")).toEqual([
    "AFIB",
    "90 % sensitivity",
    "12.3 %",
    "0.88 (0.78 to 0.98)",
    "0.70 (0.60 to 0.80)",
    "too few to say: 3",
    "too few to say: 3",
  ]);
});
