import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { show } from "@/test/render";
import { CrossValidated } from "./CrossValidated";

const spread = (measure: string, label: string | null, lowest: number, highest: number, sd: number | null) => ({
  measure,
  label,
  lowest,
  highest,
  sd,
  n: 10,
});
const evaluation = {
  task: "multi_label",
  n: 64,
  cross_validation: {
    folds: 5,
    repeats: 10,
    n_only_trained: 0,
    kept: "It has learned from all 64 recordings.",
    over: "repeats",
    spread: [spread("macro_auroc", null, 0.781, 0.842, 0.021), spread("auroc", "MI", 0.7, 0.9, 0.05)],
  },
};

test("it says how the results came about, what is kept, and by how much they vary", () => {
  const { container } = show(<CrossValidated evaluation={evaluation} />);
  const text = container.textContent ?? "";
  expect(text).toContain("Each of the 64 recordings was tested by a model that had not seen it");
  expect(text).toContain("divided into 5 parts");
  expect(text).toContain("repeated 10 times");
  expect(text).toContain("It has learned from all 64 recordings.");
  expect(text).toContain("AUROC, mean over labels varied between repeats from 0.781 to 0.842 (SD 0.021)");
  expect(screen.getByRole("table", { name: "How much results vary", hidden: true }).textContent).toContain("MI");
});

test("one repeat varies between its parts, and results of one test part have no such note", () => {
  const once = { ...evaluation.cross_validation, repeats: 1, over: "folds", n_only_trained: 12 };
  const { container } = show(<CrossValidated evaluation={{ ...evaluation, cross_validation: once }} />);
  expect(container.textContent).toContain("varied between parts");
  expect(container.textContent).toContain("12 more only trained");
  expect(container.textContent).not.toContain("repeated");
  const source = { ...once, divided_by: "source" };
  const apart = show(<CrossValidated evaluation={{ ...evaluation, cross_validation: source }} />);
  expect(apart.container.textContent).toContain("12 more were not tested: their source is not known");
  expect(apart.container.textContent).not.toContain("only trained, because");
  const other = show(<CrossValidated evaluation={{ ...evaluation, cross_validation: null }} />);
  expect(other.container.querySelector(".note")).toBeNull();
});
