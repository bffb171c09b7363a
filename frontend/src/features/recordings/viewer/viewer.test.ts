import { expect, test } from "vitest";
import type { Measurements, Recording } from "@/api/types";
import { layOut } from "@/lib/ecg/layout";
import { LEADS } from "@/lib/ecg/leads";
import type { Signal } from "@/lib/signal";
import { nearestFirst } from "./Compare";
import { filterChange, filterValue, filterValues } from "./filters";
import { sampleAt } from "./HoverReadout";
import { overviewLead } from "./OverviewStrip";
import { cycle, drawnAs, GAINS, SPEEDS, signalFilter, step, type View } from "./view";
import { spansOf } from "./waves";
import { caption, measurementWords } from "./words";

const signal: Signal = { rate: 500, nSamples: 5000, leads: [], unit: "mV", samples: [] };
const view: View = {
  shown: "tracing",
  speed: 50,
  gain: 20,
  layout: null,
  preprocessing: null,
  band: null,
  notch: null,
  trueSize: false,
};

test("the caption states speed, gain, rate and filter as they are drawn", () => {
  expect(caption(signal, view)).toBe("50 mm/s · 20 mm/mV · 500 Hz · unfiltered");
  expect(caption(signal, { ...view, preprocessing: "clinical" })).toContain("as a model reads it: clinical");
  expect(caption(signal, { ...view, band: "0.5-40", notch: 50 })).toContain("0.5–40 Hz, notch 50 Hz");
  expect(caption(signal, { ...view, shown: "aligned" })).toContain("time is not that of the recording");
});

test("without a scale no gain is stated", () => {
  expect(caption({ ...signal, unit: "arbitrary" }, view)).toBe(
    "50 mm/s · amplitude scaled to fit, no mV scale · 500 Hz · unfiltered",
  );
});

test("speed and gain stop at their ends, layouts begin again", () => {
  expect(step<number>(SPEEDS, 50, 1)).toBe(50);
  expect(step<number>(SPEEDS, 25, -1)).toBe(12.5);
  expect(step<number>(GAINS, 5, -1)).toBe(5);
  expect(["a", "b", "c"].map((name) => cycle(["a", "b", "c"], name))).toEqual(["b", "c", "a"]);
});

test("a wave is marked under its own name from onset to offset, and not at all where one of them is unknown", () => {
  const beat = {
    p_onset: 0.1,
    p_offset: 0.2,
    qrs_onset: 0.3,
    qrs_offset: 0.4,
    t_onset: 0.6,
    t_offset: null,
  };
  expect(spansOf([beat] as unknown as Measurements["waves"])).toEqual([
    { name: "P", onset: 0.1, offset: 0.2 },
    { name: "QRS", onset: 0.3, offset: 0.4 },
  ]);
});

test("a filter is chosen, gone through by its key and asked for as one of three kinds", () => {
  const presets = [{ name: "clinical" }];
  expect(filterValues(presets)).toEqual(["raw", "0.05-150", "0.5-40", "model:clinical"]);
  for (const value of filterValues(presets)) expect(filterValue(filterChange(value))).toBe(value);
  expect(signalFilter({ ...view, band: "0.5-40", notch: 50 })).toEqual({
    preprocessing: null,
    band: "0.5-40",
    notch: 50,
  });
  // A model's preprocessing takes no clinical filter beside it.
  expect(signalFilter({ ...view, preprocessing: "clinical", notch: 50 }).notch).toBeNull();
  expect(drawnAs({ ...view, band: "0.5-40", notch: 60 })).toEqual({ speed: 50, gain: 20, filter: "0.5-40", notch: 60 });
});

test("what is measured is said in words, and where nothing could be measured, why", () => {
  const measured = {
    heart_rate: 61.6,
    pr_ms: 160,
    qrs_ms: 92.4,
    qt_ms: null,
    qrs_axis: -12,
    qtc_ms: { bazett: 410.2 },
    reasons: {},
  } as unknown as Measurements;
  expect(measurementWords(measured)).toBe(
    "Measured: heart rate 62 a minute, PR 160 ms, QRS 92 ms, QRS axis −12 degrees, QTc by bazett 410 ms.",
  );
  const nothing = { ...measured, heart_rate: null, pr_ms: null, qrs_ms: null, qrs_axis: null, qtc_ms: {} };
  expect(measurementWords({ ...nothing, reasons: { heart_rate: "No beat was found." } })).toBe(
    "Nothing could be measured. No beat was found.",
  );
});

test("of the patient's other recordings the one before this is offered first", () => {
  const at = (id: string, recorded_at: string | null) => ({ id, recorded_at }) as Recording;
  const newestFirst = [at("d", "2026-04-01"), at("c", "2026-03-01"), at("b", "2026-02-01"), at("a", "2026-01-01")];
  const found = nearestFirst(at("c", "2026-03-01"), [...newestFirst, at("e", null)]);
  expect(found.map(({ id }) => id)).toEqual(["b", "a", "d", "e"]);
});

test("under the pointer is the sample of its lead, as it was recorded", () => {
  const page = layOut("cabrera", 10, 25, [], 10, 10);
  const extents = LEADS.map(() => ({ middle: 0.5, up: 1, down: 1 }));
  const geometry = { page, mm: 4, speed: 25, gain: 10, hasScale: true, start: 0, duration: 10, extents };
  const samples = LEADS.map((_, lead) => new Float32Array(5000).fill(0.1 * lead));
  const at = (name: string) => {
    const cell = page.cells.find((one) => one.name === name);
    return sampleAt({ ...signal, leads: [...LEADS], samples }, geometry, {
      x: ((cell?.x ?? 0) + 25) * 4,
      y: (cell?.baseline ?? 0) * 4,
    })?.text;
  };
  expect(at("II")).toBe("II · 1.00 s · +0.10 mV");
  expect(at("-aVR")).toBe("-aVR · 1.00 s · −0.30 mV");
  expect(at("V6")).toBe("V6 · 6.00 s · +1.10 mV");
});

test("the strip below shows lead II, or of a partial recording a lead that is there", () => {
  const [there, missing] = [new Float32Array(4), new Float32Array(4).fill(Number.NaN)];
  const shown = (...having: string[]) =>
    LEADS[overviewLead({ leads: [...LEADS], samples: LEADS.map((lead) => (having.includes(lead) ? there : missing)) })];
  expect(shown("I", "II", "V5")).toBe("II");
  expect(shown("V5", "V6")).toBe("V5");
});
