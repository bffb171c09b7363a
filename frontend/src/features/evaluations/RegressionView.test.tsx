import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { show } from "@/test/render";
import { Results } from "./Results";

const estimate = (value: number | null, low: number | null = null, high: number | null = null) => ({
  value,
  low,
  high,
});
const target = (label: string, points: [number, number][]) => ({
  label,
  support: points.length,
  mean: 55,
  sd: 10,
  mae: estimate(4.25, 3.5, 5.1),
  rmse: estimate(5),
  bias: estimate(-3, -4, -2),
  r2: estimate(0.7, 0.5, 0.8),
  pearson: estimate(0.9),
  points,
});
const evaluation = {
  task: "regression",
  n: 2,
  drawn_by: "patient",
  resamples: 1000,
  targets: [
    target("LVEF (%)", [
      [60, 55],
      [40, 39],
    ]),
  ],
  macro_r2: estimate(0.7, 0.5, 0.8),
  macro_pearson: estimate(0.9),
  notes: [],
};

test("of a value its error, bias and limits of agreement are told in its unit, and what they mean", async () => {
  const user = userEvent.setup();
  const { container } = show(<Results value={evaluation} />);
  expect(container.textContent).toContain("(3.5 to 5.1)");
  expect(container.textContent).toContain("Measured on 2 recordings");
  expect(container.textContent).toContain("between −14.1 and 8.1 for about 95 of 100 recordings");
  expect(screen.getByRole("table", { name: "Results for each value" }).textContent).toContain("−3.0 (−4.0 to −2.0)");
  await user.click(screen.getByRole("button", { name: "What is Bias?" }));
  expect((await screen.findByText(/too high \(above 0\) or too low/)).textContent).toContain("cancel out");
});

test("the dots of the plots stand in a table, by what was measured", () => {
  show(<Results value={evaluation} />);
  const rows = screen.getByRole("table", { name: "Measured and predicted: LVEF (%)", hidden: true });
  expect([...rows.querySelectorAll("tbody tr")].map((row) => row.textContent)).toEqual([
    "40.039.0−1.0",
    "60.055.0−5.0",
  ]);
});

test("several values have no mean error, and one that nothing is known of has no plot", () => {
  const two = { ...evaluation, targets: [...evaluation.targets, { ...target("age", []), sd: null }] };
  show(<Results value={two} />);
  expect(screen.getByText("R², mean over values")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "What is Mean absolute error?" })).toBeNull();
  expect(screen.getAllByRole("img").map((chart) => chart.getAttribute("aria-label"))).toHaveLength(2);
});

test("where there are no results nothing is shown", () => {
  show(<Results value={{}} />);
  expect(screen.queryByText(/Measured on/)).toBeNull();
  expect(screen.queryAllByRole("table")).toEqual([]);
});
