/**
 * The language of the page: English, which stands in the code, or German, from the files in `locales`.
 *
 * It is settled before any other module is loaded, so that texts may stand anywhere, and changed by loading the page
 * again. What is left without a translation would show in English; a test finds it first.
 */

import { i18n, type Messages } from "@lingui/core";
import { compileMessage } from "@lingui/message-utils/compileMessage";

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = "exchangeai-language";
type Texts = () => Promise<{ messages: Messages }>;
const FIRST: Texts = () => import("@/locales/de/shell.po");
const REST: Texts[] = [
  () => import("@/locales/de/accounts.po"),
  () => import("@/locales/de/projects.po"),
  () => import("@/locales/de/recordings.po"),
  () => import("@/locales/de/labels.po"),
  () => import("@/locales/de/training.po"),
  () => import("@/locales/de/results.po"),
  () => import("@/locales/de/exchanges.po"),
];

/** The language in use. */
export function language(): Language {
  return i18n.locale === "de" ? "de" : "en";
}

/** The address of what cannot be asked for with headers, such as a stream of events, in the language in use. */
export function inLanguage(path: string): string {
  return `${path}${path.includes("?") ? "&" : "?"}language=${language()}`;
}

/** By which rules dates and numbers are written. */
export function region(): string {
  return language() === "de" ? "de-DE" : "en-GB";
}

/** The language that was chosen here; without a choice the first of the browser's that there is. */
export function wanted(): Language {
  const known = (name: string): name is Language => Object.hasOwn(LANGUAGES, name);
  const chosen = kept();
  if (chosen !== null && known(chosen)) return chosen;
  return navigator.languages.map((name) => name.toLowerCase().split("-")[0] ?? "").find(known) ?? "en";
}

/** Settle the language, and load the texts that every page shows. */
export async function startLanguage(): Promise<void> {
  i18n.setMessagesCompiler(compileMessage);
  const chosen = wanted();
  i18n.loadAndActivate({ locale: chosen, messages: chosen === "de" ? (await FIRST()).messages : {} });
  document.documentElement.lang = chosen;
}

let rest: Promise<void> | null = null;

/** Load the other texts, once; a page waits for them before its modules are loaded. */
export function pageTexts(): Promise<void> {
  if (language() === "en") return Promise.resolve();
  rest ??= Promise.all(REST.map((texts) => texts())).then((loaded) => {
    for (const { messages } of loaded) i18n.load("de", messages);
  });
  rest.catch(() => {
    rest = null; // asked again by the next page
  });
  return rest;
}

/** Told to the window before the page is loaded again in another language: what must not be lost is put away. */
export const LANGUAGE_CHANGES = "exchangeai-language-changes";

/** Change the language from here on. */
export function changeLanguage(chosen: Language): void {
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // a browser that keeps nothing stays with its own language
  }
  window.dispatchEvent(new Event(LANGUAGE_CHANGES));
  location.reload();
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a browser that keeps nothing
  }
}
