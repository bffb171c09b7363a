import { expect, test } from "vitest";
import { cellIn, cellQueryOf, cellWords, inCell } from "./cellList";
import { cellAsList, filterCount, listAddress, listIn, listWords } from "./recordingList";

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

test("a cell is a list like any other, counted as one filter and said in words", () => {
  const list = cellAsList("e1", { label: "MI", cell: "false_negative", threshold: 0.25 });
  expect(list).toEqual({ evaluation_id: "e1", evaluated_label: "MI", cell: "false_negative", threshold: "0.25" });
  expect(listIn(new URLSearchParams(listAddress(list).slice(1)))).toMatchObject(list);
  expect(filterCount(list)).toBe(1);
  expect(listWords(list)).toBe("false negatives of MI");
  expect(listWords(cellAsList("e1", { label: "MI", predicted_label: "NORM" }))).toBe("MI, predicted as NORM");
});
