import { expect, test } from "vitest";
import type { TrayJob } from "@/api/types";
import { endWords } from "@/features/jobs/tray/words";
import { englishAfterwards, inGerman } from "@/test/german";
import { cellWords } from "./cellList";
import { declaredText } from "./declared";
import { readingText } from "./ecg/calipers";
import { bytes, fixed, hertz, percent, percentPlain, plain, seconds, signed, timeRange, valueText } from "./format";
import { valueWithUnit } from "./labels";
import { preprocessingFacts } from "./preprocessing";
import { listWords } from "./recordingList";

englishAfterwards();

test("numbers have a comma, and none is grouped that is not meant to be", () => {
  inGerman();
  expect([fixed(0.8312, 3), percent(0.825, 1), percentPlain(0.0025), hertz(257.5)]).toEqual([
    "0,831",
    "82,5 %",
    "0,25 %",
    "257,5 Hz",
  ]);
  expect([signed(-0.42, 1), valueText(55.123456), valueText(-1234.5), plain(1.5e-7)]).toEqual([
    "−0,4",
    "55,12",
    "−1235",
    "1,5e-7",
  ]);
  expect([bytes(1.5 * 1024 * 1024), seconds(3.2)]).toEqual(["1,5 MB", "3,2 s"]);
  expect(valueWithUnit("Kalium [mmol/l]", 4.1)).toBe("Kalium 4,1 mmol/l");
  expect(readingText({ ms: 812.4, perMinute: 73.8, mV: -0.125 })).toBe("812 ms · 74/min · −0,13 mV");
});

test("one and many have their own forms", () => {
  inGerman();
  expect(timeRange(60, 70)).toBe("etwa 1 Minute");
  expect(timeRange(170, 470)).toBe("etwa 3 Minuten; höchstens 8");
  expect(timeRange(3600, 4 * 3600)).toBe("etwa 60 Minuten; höchstens 4 Stunden");
  expect(declaredText({ units_per_mv: 1 })).toBe("1 Einheit je mV");
  expect(declaredText({ units_per_mv: 1000.5 })).toBe("1000,5 Einheiten je mV");
});

test("sentences are German as a whole, with what people have written left as it is", () => {
  inGerman();
  const job = { thing: "run", status: "failed", title: "The first done" } as TrayJob;
  expect(endWords(job)).toBe("Das Training „The first done“ ist fehlgeschlagen.");
  expect(cellWords({ label: "MI", cell: "false_negative" })).toBe("falsch-negative bei MI");
  expect(listWords({ label: "MI", age_min: "40", quality: "doubtful" })).toBe(
    "MI, zweifelhafte Qualität, ab 40 Jahren",
  );
  expect(Object.fromEntries(preprocessingFacts({ bandpass: [0.5, 40], rate: 100 }))).toMatchObject({
    Abtastrate: "100 Hz",
    Bandpass: "0,5 bis 40 Hz",
  });
});
