import { expect, test } from "vitest";
import { declaredText } from "./declared";

test("what was declared is said in words", () => {
  expect(declaredText({ rate: 100, units_per_mv: 1, unit: "mV", partial: true })).toBe(
    "100 Hz, 1 unit per mV, recordings with missing leads kept",
  );
  expect(declaredText({ unit: "arbitrary", leads: ["I", "II"] })).toBe("not calibrated, lead order I II");
  expect(declaredText({ units_per_mv: 1000, partial: false, raw: false })).toBe("1000 units per mV");
  expect(declaredText({ sth_new: 3 })).toBe("sth new 3");
  expect(declaredText({})).toBe("");
});
