import { expect, test } from "vitest";
import { filterCount, inList, listAddress, listIn, listWords } from "./recordingList";

test("a list comes out of an address as it went in, without what asks for nothing", () => {
  const list = { label: "MI", disagreement: "true", sort: "age", order: "desc" };
  expect(listIn(new URLSearchParams(listAddress(list)))).toEqual(list);
  expect(listIn(new URLSearchParams("label=&sort=file_name&order=asc&page=3&other=1"))).toEqual({});
  expect(listAddress({ sort: "file_name", order: "asc" })).toBe("");
});

test("a recording of a list is shown at an address that names both", () => {
  expect(inList("p 1", "r", { label: "A & B" })).toBe("/projects/p%201/recordings/r?label=A+%26+B");
});

test("a list is named by what its recordings have in common", () => {
  expect(listWords({})).toBe("");
  expect(listWords({ label: "MI", sex: "F", age_min: "40", sort: "age" })).toBe("MI, female, from 40 years");
  expect(listWords({ prediction_id: "x", disagreement: "true" })).toBe("disagreements");
  expect(listWords({ import_id: "x", findings_only: "true" })).toBe("with findings, of an import");
  expect(listWords({ age_min: "40", age_max: "60" })).toBe("40–60 years");
});

test("filters are counted without search and order", () => {
  expect(filterCount({ search: "a", sort: "age", label: "MI", sex: "F" })).toBe(2);
});
