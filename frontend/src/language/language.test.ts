import { i18n } from "@lingui/core";
import { beforeEach, expect, test, vi } from "vitest";
import { timeLeft } from "@/lib/format";
import { englishAfterwards } from "@/test/german";
import { changeLanguage, language, region, startLanguage, wanted } from "./language";

const KEY = "exchangeai-language";
const browser = (...languages: string[]) => vi.spyOn(navigator, "languages", "get").mockReturnValue(languages);
/** Texts of pages are loaded once, and this is kept in the module: each test gets its own. */
const fresh = async () => {
  vi.resetModules();
  return import("./language");
};

englishAfterwards();
beforeEach(() => localStorage.clear());

test("without a choice it is the first of the browser's languages that there is, else English", () => {
  browser("fr-FR", "de-AT", "en-US");
  expect(wanted()).toBe("de");
  browser("en-GB", "de");
  expect(wanted()).toBe("en");
  browser("DE");
  expect(wanted()).toBe("de");
  browser("fr", "den", "toString"); // "den" is Slavey, though it begins as German does
  expect(wanted()).toBe("en");
  browser();
  expect(wanted()).toBe("en");
});

test("what was chosen is kept, before what the browser says, and the page is loaded again", () => {
  const reload = vi.spyOn(location, "reload").mockImplementation(() => undefined);
  browser("en-GB");
  changeLanguage("de");
  expect(reload).toHaveBeenCalledOnce();
  expect(localStorage.getItem(KEY)).toBe("de");
  expect(wanted()).toBe("de");
  changeLanguage("en");
  browser("de");
  expect(wanted()).toBe("en");
});

test.each(["fr", "", "constructor", "toString", "__proto__"])("a choice that is no language is none: %s", (chosen) => {
  localStorage.setItem(KEY, chosen);
  browser("de-DE");
  expect(wanted()).toBe("de");
});

test("a browser that keeps nothing has its own language, and changing does no harm", () => {
  const refuse = () => {
    throw new DOMException("denied", "SecurityError");
  };
  vi.stubGlobal("localStorage", { getItem: refuse, setItem: refuse, clear: () => undefined });
  const reload = vi.spyOn(location, "reload").mockImplementation(() => undefined);
  browser("de-CH");
  expect(wanted()).toBe("de");
  changeLanguage("en");
  expect(reload).toHaveBeenCalledOnce();
});

test("in German the texts, the numbers and the document are German; in English nothing is loaded", async () => {
  localStorage.setItem(KEY, "de");
  await startLanguage();
  expect([language(), region(), document.documentElement.lang]).toEqual(["de", "de-DE", "de"]);
  expect(timeLeft(9000)).toBe("noch etwa 2,5 h");
  localStorage.setItem(KEY, "en");
  await startLanguage();
  expect([language(), region(), document.documentElement.lang]).toEqual(["en", "en-GB", "en"]);
  expect(timeLeft(9000)).toBe("about 2.5 h left");
  const load = vi.spyOn(i18n, "load");
  await (await fresh()).pageTexts();
  expect(load).not.toHaveBeenCalled();
});

test("the texts of pages are loaded once, however many pages wait for them", async () => {
  i18n.loadAndActivate({ locale: "de", messages: {} });
  const { pageTexts } = await fresh();
  const load = vi.spyOn(i18n, "load");
  await Promise.all([pageTexts(), pageTexts()]);
  const files = load.mock.calls.length;
  expect(files).toBe(7);
  await pageTexts();
  expect(load).toHaveBeenCalledTimes(files);
});

test("texts that could not be loaded are a failure of that page, and are asked for again by the next", async () => {
  i18n.loadAndActivate({ locale: "de", messages: {} });
  const { pageTexts } = await fresh();
  const load = vi.spyOn(i18n, "load").mockImplementationOnce(() => {
    throw new TypeError("Failed to fetch dynamically imported module");
  });
  await expect(pageTexts()).rejects.toThrow("Failed to fetch");
  await expect(pageTexts()).resolves.toBeUndefined();
  expect(load.mock.calls.length).toBeGreaterThan(1);
});
