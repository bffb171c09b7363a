import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { EvaluationResult, Model } from "@/api/types";
import { show } from "@/test/render";
import { AbstentionTable } from "./AbstentionTable";
import { rulesOf } from "./ThresholdRule";

const estimate = (value: number) => ({ value, low: null, high: null, withheld: null });
const rates = { recall: estimate(0.9), specificity: estimate(0.8), precision: estimate(0.7), npv: estimate(0.95) };
const result = {
  n: 200,
  evaluation: { task: "multi_label", classes: [{ label: "MI", ...rates, recall: estimate(0.6) }] },
  abstention: {
    error: 0.1,
    n_open: 31,
    labels: [{ label: "MI", n: 200, n_open: 31, coverage: estimate(0.845), ...rates }],
  },
} as unknown as EvaluationResult;

test("what a model answers stands above what it is worth if it always answered", () => {
  const { container } = show(<AbstentionTable result={result} />);
  const rows = [...screen.getByRole("table").querySelectorAll("tbody tr")].map((row) =>
    [...row.querySelectorAll("td")].map((cell) => cell.textContent),
  );
  expect(rows).toEqual([
    [
      "MI",
      "answered: 169 of 200",
      "0.84 (no interval)",
      "0.90 (no interval)",
      "0.80 (no interval)",
      "0.70 (no interval)",
      "0.95 (no interval)",
    ],
    ["", "all 200", "", "0.60 (no interval)", "0.80 (no interval)", "0.70 (no interval)", "0.95 (no interval)"],
  ]);
  expect(container.textContent).toContain("wrong in more than 10 % of recordings");
  expect(container.textContent).toContain("31 recordings of 200");
});

test("a rule is offered where the model keeps a threshold by it for each of its labels", () => {
  const points = (...rules: string[]) => rules.map((rule) => ({ rule, threshold: 0.4 }));
  const evaluation = {
    task: "multi_label",
    classes: [
      { label: "MI", operating_points: points("f1", "youden", "costs") },
      { label: "AFIB", operating_points: points("f1", "youden") },
    ],
  };
  const model = { labels: ["MI", "AFIB"], evaluation } as unknown as Model;
  expect(rulesOf(model)).toEqual(["f1", "youden"]);
  expect(rulesOf({ ...model, evaluation: {} } as unknown as Model)).toEqual([]);
});
