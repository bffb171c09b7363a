import { expect, test } from "vitest";
import { goesWithIt } from "./DeleteModel";

test("what goes with a model is counted, and its evaluations are named", () => {
  expect(goesWithIt("M", 1, ["A", "A", "B"])).toBe(
    "“M”, 1 prediction, 3 evaluations (on “A”, “B”) will be deleted permanently.",
  );
  expect(goesWithIt("M", 0, [])).toBe("“M” will be deleted permanently.");
  expect(goesWithIt("M")).toContain("the predictions made with it, its evaluations");
});
