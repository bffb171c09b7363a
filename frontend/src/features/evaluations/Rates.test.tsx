import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { show } from "@/test/render";
import { cannotTell, enough } from "./few";
import { Rates } from "./Rates";

const rows = () =>
  [...screen.getByRole("table", { name: "Rates at this threshold" }).querySelectorAll("tbody tr")].map((row) => [
    row.querySelector("th")?.textContent,
    row.querySelector("td")?.textContent,
  ]);
const cells = { tp: 9, fp: 2, fn: 1, tn: 85 };

test("predictive values at another prevalence have intervals, beside those of the dataset", () => {
  show(<Rates cells={cells} prevalence={0.05} patients={{ present: 10, absent: 87 }} />);
  const [, , ppv, npv] = rows();
  expect(ppv?.[1]).toBe("67 % (35 % to 88 %)");
  expect(ppv?.[0]).toContain("where 5 % have it; 82 % (52 % to 95 %) in this dataset (10 % have it)");
  expect(npv?.[1]).toMatch(/^99 % \(98 % to 100 %\)$/);
});

test("where fewer than five patients have the label or lack it, numbers that rest on them are withheld", () => {
  show(<Rates cells={{ tp: 1, fp: 2, fn: 0, tn: 85 }} prevalence={0.05} patients={{ present: 1, absent: 87 }} />);
  const values = rows().map(([, value]) => value);
  expect(values[0]).toBe("too few to say: 1");
  expect(values[1]).toMatch(/^98 %/);
  expect(values.slice(2)).toEqual(["too few to say: 1", "too few to say: 1"]);
  expect(enough({ patients_with: 4, patients_without: 90 })).toBe(false);
  expect(enough({ patients_with: 5, patients_without: 5 })).toBe(true);
});

test("of a label that every recording has there are no predictive values, and why is said", () => {
  show(<Rates cells={{ tp: 60, fp: 0, fn: 20, tn: 0 }} prevalence={null} patients={{ present: 80, absent: 0 }} />);
  expect(rows().map(([name]) => name?.slice(0, 11))).toEqual(["Sensitivity", "Specificity"]);
  expect(cannotTell("NORM", { n_present: 80, n_absent: 0 })).toContain("Every evaluated recording has NORM");
  expect(cannotTell("NORM", { n_present: 0, n_absent: 80 })).toContain("No evaluated recording has NORM");
  expect(cannotTell("NORM", { n_present: 1, n_absent: 80 })).toBeNull();
});

test("at the model's own threshold the intervals are those by patient", () => {
  const estimate = { value: 0.9, low: 0.4, high: 0.99, withheld: null };
  const measured = { recall: estimate, specificity: estimate, precision: estimate, npv: estimate };
  show(<Rates cells={cells} prevalence={null} patients={{ present: 10, absent: 87 }} measured={measured} />);
  expect(rows()[0]?.[1]).toBe("90 % (40 % to 99 %)");
});
