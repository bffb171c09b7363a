import { expect, test } from "vitest";
import { declaredText } from "./declared";

test("what was declared is said in words", () => {
  expect(declaredText({ rate: 100, units_per_mv: 1, unit: "mV", partial: true })).toBe(
    "100 Hz, 1 unit per mV, recordings that lack leads are kept",
  );
  expect(declaredText({ unit: "arbitrary", leads: ["I", "II"] })).toBe("no scale, leads in the order I II");
  expect(declaredText({ sth_new: 3 })).toBe("sth new 3");
  expect(declaredText({})).toBe("");
});
