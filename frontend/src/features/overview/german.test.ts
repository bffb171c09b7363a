import { i18n } from "@lingui/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Unfinished } from "@/api/types";
import { messages } from "@/locales/de/projects.po";
import { unfinishedWords } from "./words";

beforeEach(() => i18n.loadAndActivate({ locale: "de", messages }));
afterEach(() => i18n.loadAndActivate({ locale: "en", messages: {} }));

test.each([
  ["refused", 1, 2000, "1 Datei von 2.000 konnte nicht importiert werden."],
  ["refused", 1200, 2000, "1.200 Dateien von 2.000 konnten nicht importiert werden."],
  ["unmatched", 3, 10, "3 Zeilen von 10 in „Netz“ passen zu keiner Aufzeichnung."],
  ["reading", 0, 1, "In „Netz“ ist 0 von 1 Aufzeichnung gelabelt."],
  ["running", 40, 100, "„Netz“ wird trainiert: zu 40 % fertig."],
] as const)("what is unfinished (%s, %i of %i) is a German sentence with its numbers", (kind, n, total, text) => {
  expect(unfinishedWords({ kind, id: "i", name: "Netz", n, total } as Unfinished).text).toBe(text);
});
