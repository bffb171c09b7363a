import { expect, test } from "vitest";
import type { LabelChoice } from "@/api/types";
import { columnsOf, inWords, roleOf, withRole } from "./choice";

const choice: LabelChoice = {
  recording: ["{filename_hr}"],
  labels: ["scp_codes"],
  values: [],
  patient: "patient_id",
  split: "",
  fold: "strat_fold",
  code: "",
  sex: null,
  age: null,
  threshold: 0,
  superclasses: true,
  separators: ";|",
};

test("a template names its columns, with padding or without", () => {
  expect(columnsOf("HR{ecg_id:05d}")).toEqual(["ecg_id"]);
  expect(columnsOf("{folder}/{name}[{#}]")).toEqual(["folder", "name", "#"]);
});

test("each column has the role that the choice gives it", () => {
  expect(["filename_hr", "scp_codes", "patient_id", "strat_fold", "sex"].map((name) => roleOf(choice, name))).toEqual([
    "recording",
    "label",
    "patient",
    "fold",
    "none",
  ]);
});

test("a column takes one role and gives up the other", () => {
  const next = withRole(choice, "patient_id", "label");
  expect([next.labels, next.patient]).toEqual([["scp_codes", "patient_id"], ""]);
  expect(withRole(choice, "scp_codes", "none").labels).toEqual([]);
  expect(withRole(choice, "part", "split")).toMatchObject({ split: "part", fold: "" });
});

test("sex and age of a table are chosen as such, one column each", () => {
  const next = withRole(withRole(choice, "sex", "sex"), "age_years", "age");
  expect([next.sex, next.age, next.patient, roleOf(next, "sex")]).toEqual(["sex", "age_years", "patient_id", "sex"]);
  expect(withRole(next, "gender", "sex")).toMatchObject({ sex: "gender", age: "age_years" });
  expect(withRole(next, "sex", "label")).toMatchObject({ sex: "", labels: ["scp_codes", "sex"] });
  expect(inWords(next)).toContain("; sex by sex; age by age_years");
});

test("values take the place of labels", () => {
  expect(withRole(choice, "age", "value")).toMatchObject({ values: ["age"], labels: [] });
});

test("a column of recordings comes with the template that finds most", () => {
  const matches = [{ template: "HR{ecg_id:05d}", n_matched: 9, columns: ["ecg_id"], is_plain: false }];
  expect(withRole(choice, "ecg_id", "recording", matches).recording).toEqual(["HR{ecg_id:05d}"]);
  expect(withRole(choice, "path", "recording", matches).recording).toEqual(["{path}"]);
});

test("a choice is told in words", () => {
  expect(inWords(choice)).toBe(
    "recordings by {filename_hr}; labels from scp_codes as diagnostic superclasses; patients by patient_id; parts by strat_fold",
  );
});
