import { i18n } from "@lingui/core";
import { screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DriftResult, RecordingPrediction } from "@/api/types";
import { StatisticsTable } from "@/features/drift/StatisticsTable";
import { signed } from "@/features/explanations/strength";
import { RecordingResult } from "@/features/predictions/RecordingResult";
import { messages } from "@/locales/de/results.po";
import { show } from "@/test/render";
import { scatterOf } from "./AgreementCharts";
import { withInterval } from "./estimate";
import { groupName } from "./GroupsTable";
import { Rates } from "./Rates";
import { MeasuredOn } from "./Score";
import { seenFact, seenInWords } from "./seenInWords";

beforeEach(() => i18n.loadAndActivate({ locale: "de", messages }));
afterEach(() => i18n.loadAndActivate({ locale: "en", messages: {} }));

test("numbers and their intervals have a comma, and thousands a point", () => {
  expect(withInterval({ value: 0.8123, low: 0.7741, high: 0.8489 }, 3)).toBe("0,812 (0,774 bis 0,849)");
  expect(withInterval({ value: -0.2, low: null, high: null }, 2)).toBe("−0,20 (kein Intervall)");
  expect([0.004, -0.004, 0.5, -1.25, 250.4].map(signed)).toEqual(["0,00", "0,00", "+0,50", "−1,25", "+250"]);
  const { container } = show(<MeasuredOn of={{ n: 12_345, drawn_by: "patient", resamples: 2000 }} />);
  expect(container.textContent).toContain("Gemessen an 12.345 Aufzeichnungen.");
  expect(container.textContent).toContain("(Bootstrap über Patienten, 2.000 Ziehungen)");
});

test("one recording is one, and whether it was seen is said no more surely than in English", () => {
  const asked = (n: number) => ({ settings: { include_seen: false }, n_not_known: n });
  expect(seenInWords(asked(1))).toBe("bei 1 Aufzeichnung nicht bekannt, ob das Modell sie gesehen hat");
  expect(seenInWords(asked(3))).toBe("bei 3 Aufzeichnungen nicht bekannt, ob das Modell sie gesehen hat");
  expect(seenInWords(asked(0))).toBe("nur nie gesehene Aufzeichnungen");
  expect(seenFact({ settings: { include_seen: true }, n_not_known: 2 }, 1)).toBe(
    "1 Aufzeichnung davon, im Training; nicht bekannt bei 2 Aufzeichnungen",
  );
});

test("predictive values stay beside the prevalence that they are of", () => {
  show(<Rates cells={{ tp: 9, fp: 2, fn: 1, tn: 85 }} prevalence={0.025} patients={{ present: 10, absent: 87 }} />);
  const [sensitivity, , ppv] = screen.getAllByRole("row");
  expect(sensitivity?.textContent).toBe("Sensitivitätvon denen, die es haben: gefunden90 % (60 % bis 98 %)");
  expect(ppv?.textContent).toMatch(/wo 2,5 % es haben; 82 % \(52 % bis 95 %\) in diesem Datensatz \(10 % haben es\)/);
});

test("an interval of a probability and its threshold have commas where rounding would hide the decision", () => {
  const label = { label: "AFIB", name: "Vorhofflimmern", probability: 0.126, threshold: 0.134, predicted: false };
  const result = {
    task: "multi_label",
    labels: [{ ...label, probability_low: 0.1, probability_high: 0.2, abstains: false }],
    seen: "no",
    known: [],
  } as unknown as RecordingPrediction;
  show(<RecordingResult result={result} />);
  expect(screen.getByRole("status").textContent).toBe("Keines der Labels");
  expect(screen.getByRole("listitem").textContent).toMatch(/12,6 % \(10 bis 20\).*Schwellenwert 13,4 %/);
  expect(screen.getByText("Laut Labeltabelle: keines der Labels")).toBeTruthy();
});

test("groups that the platform names are translated, folders and devices keep their names", () => {
  expect(["18 to 39", "80 and over", "under 18"].map((name) => groupName("age", name))).toEqual([
    "18 bis 39",
    "80 und älter",
    "unter 18",
  ]);
  expect(["female", "not stated"].map((name) => groupName("sex", name))).toEqual(["weiblich", "nicht angegeben"]);
  expect(["male", "1 to 3", "with findings"].map((name) => groupName("source", name))).toEqual([
    "male",
    "1 to 3",
    "with findings",
  ]);
});

test("what a chart fills in itself is left as it is", () => {
  const [dots] = scatterOf([[1, 2]], 1).traces as { hovertemplate: string }[];
  expect(dots?.hovertemplate).toBe("gemessen %{x:.1f}<br>vorhergesagt %{y:.1f}<extra></extra>");
});

test("a shift of the signals is written with a comma", () => {
  const shifts = [{ name: "amplitude_V2", usual: 1.25, here: 0.625, psi: 1.234, p: 0 }];
  show(<StatisticsTable result={{ shifts, shares: [] } as unknown as DriftResult} />);
  const row = screen.getAllByRole("row")[1]?.textContent;
  expect(row).toBe("Amplitude in V2 (mV)1,2500,62501,23groß");
});
