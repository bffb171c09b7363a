import { i18n } from "@lingui/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Round, RoundSite } from "@/api/types";
import { messages } from "@/locales/de/exchanges.po";
import { nextStep, privacyText, siteText } from "./rounds/words";
import { inputText, testText } from "./words";

beforeEach(() => i18n.loadAndActivate({ locale: "de", messages }));
afterEach(() => i18n.loadAndActivate({ locale: "en", messages: {} }));

test("what a model reached and is given has decimals with a comma", () => {
  const score = { measure: "macro_auroc" as const, value: 0.912, low: 0.88, high: 0.9414, withheld: "" };
  expect(testText({ bare: false, score })).toBe("AUROC 0,912 (0,880 bis 0,941)");
  expect(testText({ bare: false, score: { ...score, low: null, high: null } })).toBe("AUROC 0,912");
  expect(testText({ bare: false, score: { ...score, value: null } })).toBe("AUROC: zu wenige für eine Aussage");
  expect(inputText({ rate: 500, seconds: 2.5 })).toBe("500 Hz, 2,5 s");
});

test("what a round promises is no more in German than in English", () => {
  const rules = { clip_norm: 0.5, largest_share: 0.6, noise_at: "coordinator", delta: 1e-5 };
  const round = { rules, epsilon_a_round: null, epsilon_spent: null } as unknown as Round;
  expect(privacyText(round)).toBe(
    "Änderungen werden bei einer Länge von 0,5 gekappt; ein Standort zählt höchstens 60 %. Es wird kein Rauschen " +
      "hinzugefügt: Es gibt keine Garantie, dass ein Beitrag nichts über die Aufzeichnungen eines Standorts verrät.",
  );
  expect(privacyText({ ...round, epsilon_a_round: 2.3456, epsilon_spent: 123.4 })).toMatch(
    /kann jeder lesen, der den Ordner liest: ε = 2,35 für einen Standort in dieser Runde, 123 in allen bisherigen Runden, bei δ = 0,00001\.$/,
  );
});

test("sites that wait are counted, and what became of one is said", () => {
  const site = { joined: "2030", has_contributed: false, own: false, fault: "", fate: null } as unknown as RoundSite;
  const own = { ...site, own: true, has_contributed: true };
  const round = { state: "open", own: true, base: { held_by: "model" }, slug: "beats" } as unknown as Round;
  expect(nextStep({ ...round, sites: [own, site] })).toBe("1 Standort hat noch nicht beigetragen.");
  expect(nextStep({ ...round, sites: [own, site, site] })).toBe("2 Standorte haben noch nicht beigetragen.");
  expect(siteText({ ...site, fate: { share: 0.25, left_out: "" } } as unknown as RoundSite, true).text).toBe(
    "25 % des Mittels",
  );
});
