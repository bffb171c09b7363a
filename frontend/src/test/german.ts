import { i18n } from "@lingui/core";
import { afterEach } from "vitest";
import { messages } from "@/locales/de/shell.po";

/** Show texts of the shell in German until the end of the test; what stands at the head of modules stays as it was. */
export function inGerman(): void {
  i18n.loadAndActivate({ locale: "de", messages });
}

/** To be called once in a file that uses `inGerman`. */
export function englishAfterwards(): void {
  afterEach(() => i18n.loadAndActivate({ locale: "en", messages: {} }));
}
