import { i18n } from "@lingui/core";
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Measurements, Preview, Recording } from "@/api/types";
import type { Signal } from "@/lib/signal";
import { messages } from "@/locales/de/recordings.po";
import { messages as shell } from "@/locales/de/shell.po";
import { show } from "@/test/render";
import { MeasurementsTable } from "./MeasurementsSection";
import { DeclaredForm } from "./upload/DeclaredForm";
import { type Declared, offerText, USUAL } from "./upload/declared";
import { figuresOf } from "./upload/PreviewedFile";
import type { View } from "./viewer/view";
import { caption, measurementWords, spoken } from "./viewer/words";

beforeEach(() => i18n.loadAndActivate({ locale: "de", messages: { ...shell, ...messages } }));
afterEach(() => i18n.loadAndActivate({ locale: "en", messages: {} }));

const signal = { rate: 500, nSamples: 30_000, leads: ["I", "II"], unit: "mV", samples: [] } as Signal;
const view: View = {
  shown: "tracing",
  speed: 12.5,
  gain: 10,
  layout: null,
  preprocessing: null,
  band: "0.5-40",
  notch: 50,
  trueSize: false,
};

test("the caption of a tracing has decimal commas in German", () => {
  expect(caption(signal, view)).toBe("12,5 mm/s · 10 mm/mV · 500 Hz · 0,5–40 Hz, Netzfilter 50 Hz");
});

test("a screen reader is told in German sentences what is shown and which leads are missing", () => {
  const recording = {
    file_name: "a.dcm",
    duration_s: 60,
    rate: 500,
    derived_leads: ["aVF"],
    missing_leads: ["V1", "V2"],
  } as Recording;
  expect(spoken(recording, signal, 2.5, 10, { ...view, band: null, notch: null }, undefined)).toBe(
    "Unvollständiges EKG a.dcm: 1 min 0 s mit 500 Hz, davon 2,5 bis 12,5 s gezeigt. " +
      "Ableitungen I, II; berechnet: aVF; fehlend: V1, V2. 12,5 mm/s · 10 mm/mV · 500 Hz · ungefiltert.",
  );
});

const measured = {
  heart_rate: 61.6,
  pr_ms: 160,
  qrs_ms: 92.4,
  qt_ms: null,
  qrs_axis: -12,
  p_ms: null,
  p_axis: null,
  t_axis: null,
  qtc_ms: {},
  n_beats: 10,
  rr_ms: null,
  quality: null,
  reasons: {},
  st_mv: { I: -0.034 },
  r_mv: { I: 1.25 },
  s_mv: {},
  t_mv: {},
  compared: [],
} as unknown as Measurements;

test("measurements are named as in German reports, with their sign and a decimal comma", () => {
  expect(measurementWords(measured)).toBe(
    "Gemessen: Herzfrequenz 62 pro Minute, PQ-Zeit 160 ms, QRS-Dauer 92 ms, QRS-Achse −12 Grad.",
  );
  show(<MeasurementsTable data={measured} missing={[]} />);
  expect(screen.getByText("PQ", { selector: "dt" }).nextElementSibling?.textContent).toBe("160 ms");
  expect(screen.getByText("−0,03")).toBeTruthy();
  expect(screen.getByText("+1,25")).toBeTruthy();
});

test("the figures of a preview have German plurals and a decimal comma", () => {
  const preview = {
    rate: 257.5,
    duration_s: 9.5,
    peak_to_peak_mv: 1.874,
    heart_rate: 71.6,
    missing_leads: ["V6"],
    n_recordings: 2,
  } as Preview;
  expect(figuresOf(preview)).toEqual([
    "257,5 Hz",
    "9,5 s",
    "größte Ableitung 1,87 mV Spitze-Spitze",
    "etwa 72 Schläge pro Minute",
    "ohne V6",
    "2 Aufzeichnungen in der Datei, die erste wird gezeigt",
  ]);
  expect(offerText({ units_per_mv: 204.8 })).toBe("204,8 Einheiten pro mV");
});

test.each(["257,5", "257.5"])("a rate typed as %s is the same number in German", async (typed) => {
  let declared: Declared = USUAL;
  function Form() {
    const [value, setValue] = useState(USUAL);
    declared = value;
    return <DeclaredForm value={value} onChange={setValue} />;
  }
  const user = userEvent.setup();
  show(<Form />);
  const rate = screen.getByLabelText<HTMLInputElement>("Abtastrate");
  await user.clear(rate);
  await user.type(rate, typed);
  await user.tab();
  expect(declared.rate).toBe(257.5);
  expect(rate.value).toBe("257,5 Hz");
});
