import { expect, test } from "vitest";
import type { Measurements } from "@/api/types";
import type { Signal } from "@/lib/signal";
import { sheetOf } from "./PrintedTracing";
import { caption } from "./Tracing";
import { cycle, GAINS, SPEEDS, step, type View } from "./view";
import { spansOf } from "./waves";

const signal: Signal = { rate: 500, nSamples: 5000, leads: [], unit: "mV", samples: [] };
const view: View = { shown: "tracing", speed: 50, gain: 20, layout: null, preprocessing: null };

test("the caption states speed, gain, rate and filter as they are drawn", () => {
  expect(caption(signal, view)).toBe("50 mm/s · 20 mm/mV · 500 Hz · unfiltered");
  expect(caption(signal, { ...view, preprocessing: "clinical" })).toContain("as a model reads it: clinical");
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

test("a sheet holds as many seconds as fit at its speed, from where the screen shows them, within the recording", () => {
  const lead = Float32Array.from({ length: 30_000 }, (_, i) => Math.sin(i / 20));
  const long: Signal = {
    rate: 500,
    nSamples: 30_000,
    leads: Array(12).fill("I"),
    unit: "mV",
    samples: Array(12).fill(lead),
  };
  const sheet = (orientation: "landscape" | "portrait", change = {}) => {
    const { from, to, width, height } = sheetOf(orientation, [], {
      signal: long,
      start: 3,
      speed: 25,
      gain: 10,
      layout: null,
      ...change,
    });
    return [from, to, width, Math.round(height)];
  };
  expect(sheet("landscape")).toEqual([3, 13, 265, 110]);
  expect(sheet("landscape", { layout: "12x1" })).toEqual([3, 13, 265, 110]); // twelve rows need a sheet that stands
  expect(sheet("portrait")).toEqual([3, 10, 190, 229]);
  expect(sheet("landscape", { speed: 50 })).toEqual([3, 8, 265, 110]);
  expect(sheet("landscape", { start: 58 })).toEqual([50, 60, 265, 110]);
});
