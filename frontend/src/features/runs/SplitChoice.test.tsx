import { fireEvent, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Dataset, HowTested } from "@/api/types";
import { answering, show } from "@/test/render";
import type { RunForm } from "./form";
import { foldsOf, SplitChoice } from "./SplitChoice";

const form = {
  testing: "auto",
  foldsBy: "patient",
  folds: null,
  repeats: null,
  splitSeed: null,
  sameSpellings: true,
} as RunForm;
const how: HowTested = {
  method: "cross_validation",
  folds: 5,
  repeats: 10,
  automatic: true,
  folds_by: "patient",
  sources: [],
  reason: "With 64 ECGs, 9 of them with “MI”, one test part would hold 2 with “MI”.",
};
const dataset = { split_column: null, parts: {} } as unknown as Dataset;

test("the reason stands beside what the number of recordings chooses, and can be overruled", () => {
  const changes: Partial<RunForm>[] = [];
  show(
    <SplitChoice projectId="p" dataset={dataset} form={form} how={how} onChange={(change) => changes.push(change)} />,
  );
  expect(screen.getByRole("status", { name: "Why it is tested so" }).textContent).toBe(
    `Cross-validation. ${how.reason}`,
  );
  fireEvent.click(screen.getByRole("radio", { name: /^One test part/ }));
  expect(changes).toEqual([{ testing: "holdout" }]);
});

test("folds and repeats are asked for where cross-validation is chosen, with the usual ones as hint", () => {
  const changes: Partial<RunForm>[] = [];
  vi.stubGlobal("fetch", answering({}));
  const chosen = { ...form, testing: "cross_validation" } as RunForm;
  show(
    <SplitChoice projectId="p" dataset={dataset} form={chosen} how={how} onChange={(change) => changes.push(change)} />,
  );
  expect(screen.queryByRole("status", { name: "Why it is tested so" })).toBeNull();
  expect(screen.getByLabelText<HTMLInputElement>("Repeats").placeholder).toBe("10");
  fireEvent.change(screen.getByLabelText("Folds"), { target: { value: "4" } });
  expect(changes).toEqual([{ folds: 4 }]);
});

test("folds are numbers in order; choices are no folds", () => {
  const table = { ...dataset, split_column: "fold", parts: { 10: 1, 2: 1, 1: 1 } } as unknown as Dataset;
  expect(foldsOf(table)).toEqual([1, 2, 10]);
  expect(foldsOf({ ...table, split_column: "split", parts: { train: 3 } })).toEqual([]);
});
