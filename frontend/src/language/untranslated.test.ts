import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { untranslated } from "./untranslated";

const SRC = join(import.meta.dirname, "..");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter(
  (name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$|\.d\.ts$|^test\/|^language\/untranslated/.test(name),
);
const texts = (code: string) => untranslated("a.tsx", code).map(({ text }) => text);

test("every text that a person reads can be translated", () => {
  const found = files.flatMap((name) =>
    untranslated(name, readFileSync(join(SRC, name), "utf8")).map(({ line, text }) => `${name}:${line} ${text}`),
  );
  expect(found).toEqual([]);
});

test("texts between tags, in labels and in sentences are found, whatever condition stands around them", () => {
  expect(texts("<p>Save</p>")).toEqual(["Save"]);
  expect(texts('<b aria-label={on ? "Off" : "On"} />')).toEqual(["Off", "On"]);
  expect(texts('const a = { label: "Age" };')).toEqual(["Age"]);
  expect(texts('const a = "All recordings";')).toEqual(["All recordings"]);
  expect(texts(["const a = `$", "{n} of them are`;"].join(""))).toEqual(["… of them are"]);
  expect(texts('<p>{on ? "Stop" : "Start"}</p>')).toEqual(["Stop", "Start"]);
  expect(texts('const a = <b title={["Age", "Sex"].join()} />;')).toEqual([]); // what a call makes of it is not known
  expect(texts('const a = { words: ["Age", "Sex"] };')).toEqual(["Age", "Sex"]);
  expect(texts('import { Select } from "@mantine/core"; <Select label="Model" />')).toEqual(["Model"]);
});

test("what is translated or read by nobody is left alone", () => {
  expect(texts("<p><Trans>Save</Trans></p>")).not.toEqual([]); // not the macro
  expect(texts('import { Trans } from "@lingui/react/macro"; <p><Trans>Save <b>all</b></Trans></p>')).toEqual([]);
  expect(texts("const a = { label: t`Age` };")).toEqual([]);
  expect(texts('<p className="a calm one" style={{ flex: "1 1 220px" }}>{n}</p>')).toEqual([]);
  expect(texts("<p>ExChanGeAI {n} mV</p>")).toEqual([]);
  expect(texts('const a = { queryKey: ["api keys", id], "not known": t`Unknown` };')).toEqual([]);
  expect(texts('throw new Error("No such place here");')).toEqual([]);
});
