import { expect, test } from "vitest";
import { cellIn, cellQueryOf, cellWords, inCell } from "./cellList";

const LIST = { evaluation: "e", owner: "p", label: "MI", cell: "false_negative", threshold: 0.25, place: 7 };

test("a cell comes out of an address as it went in", () => {
  const address = inCell("q", "r", LIST);
  expect(address.startsWith("/projects/q/recordings/r?")).toBe(true);
  expect(cellIn(new URLSearchParams(address.split("?")[1]))).toEqual(LIST);
  expect(cellIn(new URLSearchParams("label=MI"))).toBeNull();
});

test("a cell of the matrix of all classes is asked for by both labels, one of values by its name alone", () => {
  expect(cellQueryOf(LIST)).toEqual({ label: "MI", cell: "false_negative", threshold: 0.25 });
  expect(cellQueryOf({ evaluation: "e", owner: "p", label: "MI", predicted: "NORM", place: 1 })).toEqual({
    label: "MI",
    predicted_label: "NORM",
  });
  expect(cellQueryOf({ evaluation: "e", owner: "p", label: "LVEF", place: 1 })).toEqual({ label: "LVEF" });
  expect(cellWords(LIST)).toBe("false negatives of MI");
});
