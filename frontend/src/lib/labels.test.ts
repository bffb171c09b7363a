import { expect, test } from "vitest";
import { labelsOf, valueWithUnit } from "./labels";

test("a value stands with the unit that its name holds", () => {
  expect(valueWithUnit("LVEF (%)", 55)).toBe("LVEF 55 %");
  expect(valueWithUnit("Potassium [mmol/l]", 4.1)).toBe("Potassium 4.1 mmol/l");
  expect(valueWithUnit("age", 63)).toBe("age 63");
  expect(valueWithUnit("axis (degrees)", -30.5)).toBe("axis −30.5 degrees");
  expect(valueWithUnit("(%)", 5)).toBe("(%) 5");
});

test("labels come first, values after them", () => {
  expect(labelsOf({ labels: ["MI"], values: { "LVEF (%)": 35, NYHA: 2 } })).toEqual(["MI", "LVEF 35 %", "NYHA 2"]);
  expect(labelsOf({ labels: [], values: {} })).toEqual([]);
});
