import { getCatalogs } from "@lingui/cli/api";
import { getConfig } from "@lingui/conf";
import { i18n } from "@lingui/core";
import { screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DatasetStatistics, LabelChoice } from "@/api/types";
import { messages } from "@/locales/de/labels.po";
import { show } from "@/test/render";
import { AgeBySex } from "./AgeBySex";
import { inWords } from "./choice";

beforeEach(() => i18n.loadAndActivate({ locale: "de", messages }));
afterEach(() => i18n.loadAndActivate({ locale: "en", messages: {} }));

const choice: LabelChoice = {
  recording: ["{a}", "{b}"],
  labels: ["scp_codes"],
  values: [],
  patient: "patient_id",
  split: "",
  fold: "strat_fold",
  code: "",
  sex: "sex",
  age: null,
  threshold: 12.5,
  superclasses: true,
  separators: ";|",
};

test("how a table was read is said in German, with the names of its columns as they are", () => {
  expect(inWords(choice)).toBe(
    "Aufzeichnungen nach {a} oder {b}; " +
      "Labels aus scp_codes als diagnostische Oberklassen ab einer Wahrscheinlichkeit von 12,5; " +
      "Patienten nach patient_id; Teile nach strat_fold; Geschlecht nach sex",
  );
});

test("one recording is one in German, too, and thousands have a point", () => {
  const statistics = (n: number) =>
    ({
      age: [{ low: 90, high: null, female: 1, male: 2, unknown: 0 }],
      n_without_age: n,
    }) as unknown as DatasetStatistics;
  const { unmount } = show(<AgeBySex statistics={statistics(1)} to={() => "/"} />);
  expect(screen.getByText("Bei 1 Aufzeichnung ist das Alter nicht bekannt.")).toBeTruthy();
  expect(screen.getByText("ab 90")).toBeTruthy();
  unmount();
  show(<AgeBySex statistics={statistics(1234)} to={() => "/"} />);
  expect(screen.getByText("Bei 1.234 Aufzeichnungen ist das Alter nicht bekannt.")).toBeTruthy();
});

test("the examples of tables keep the columns that the platform knows", async () => {
  const labels = (await getCatalogs(getConfig({ cwd: process.cwd() }))).find(({ name }) => name === "labels");
  const texts = Object.values((await labels?.read("de")) ?? {});
  const examples = texts.filter(({ message }) => message?.startsWith("file_name,"));
  expect(examples.length).toBe(5);
  for (const { message = "", translation = "" } of examples) {
    const rows = (text: string) => text.split("\n").map((row) => row.split(","));
    expect(rows(translation).map((row) => row.length)).toEqual(rows(message).map((row) => row.length));
    const known = (text: string) =>
      rows(text)[0]?.map((name) => /^(file_name|label|ICD-10|patient_id|fold|value:)/.exec(name)?.[0] ?? "");
    expect(known(translation)).toEqual(known(message));
  }
});
