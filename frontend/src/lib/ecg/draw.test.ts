import { describe, expect, test } from "vitest";
import { Recorder, type Stroke } from "@/test/canvas";
import {
  baselineOf,
  deflectionOf,
  drawn,
  heightOf,
  heights,
  leadNamed,
  NAMES,
  onsetsOf,
  pulses,
  ROOM_LEFT,
  SECONDS,
  SHEETS,
  traceUnder,
} from "@/test/drawing";
import { drawPaper, labelOf } from "./draw";
import { COLOURS } from "./grid";
import { extentsOf, layOut } from "./layout";
import { LEADS } from "./leads";

test("a positive deflection goes up and a negative one goes down", () => {
  const { labels, traces } = drawn(pulses(500));
  const seen = (name: string) => deflectionOf(traceUnder(labels.find(({ text }) => text === name) as never, traces));
  expect(seen("I")).toBeGreaterThan(1);
  expect(seen("II")).toBeLessThan(-1);
});

describe.each(NAMES)("on a sheet of %s", (layout) => {
  test("the leads stand where they stand on paper, each name once a panel", () => {
    const { labels } = drawn(pulses(500), { layout });
    const rows = new Map<number, { text: string; x: number }[]>();
    for (const { text, x, y } of labels) rows.set(Math.round(y), [...(rows.get(Math.round(y)) ?? []), { text, x }]);
    const read = [...rows]
      .sort(([a], [b]) => a - b)
      .map(([, row]) => row.sort((a, b) => a.x - b.x).map(({ text }) => text));
    expect(read).toEqual(SHEETS[layout]);
  });

  test("under the name of each lead runs its own tracing, at its own times", () => {
    const { labels, traces } = drawn(pulses(500), { layout });
    expect(traces).toHaveLength(labels.length);
    for (const label of labels) {
      const { lead, sign } = leadNamed(label.text);
      const trace = traceUnder(label, traces);
      expect(deflectionOf(trace), label.text).toBeCloseTo(sign * heightOf(lead) * 10, 4);
      for (const x of onsetsOf(trace)) {
        expect(((x - ROOM_LEFT) / 25) % 1, label.text).toBeCloseTo(0.1 + 0.025 * lead, 2);
      }
    }
  });

  test("columns go on in time where the one before ends, without overlap or gap", () => {
    const { traces, page } = drawn(pulses(500), { layout });
    for (const row of page.rows) {
      const cells = traces.filter((line) => Math.abs(baselineOf(line) - row) < 1e-6);
      const ends = cells.map(({ points }) => [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0] as const);
      ends.sort(([a], [b]) => a - b);
      expect(ends[0]?.[0]).toBeCloseTo(ROOM_LEFT, 4);
      expect(ends.at(-1)?.[1]).toBeCloseTo(ROOM_LEFT + (SECONDS - 1 / 500) * 25, 4);
      ends.slice(1).forEach(([begin], i) => {
        expect(begin - (ends[i]?.[1] ?? 0)).toBeCloseTo(25 / 500, 4);
      });
    }
  });
});

test.each([
  [5, 4],
  [10, 4],
  [20, 4],
  [10, 9.6],
])("at %d mm/mV and %d pixels a mm a millivolt is that high", (gain, scale) => {
  const { labels, traces } = drawn(pulses(500), { gain, scale, layout: "12x1" });
  for (const lead of [0, 1, 11]) {
    const trace = traceUnder(labels[lead] as never, traces);
    expect(deflectionOf(trace)).toBeCloseTo(heightOf(lead) * gain, 4);
  }
});

test.each([
  [12.5, 500],
  [25, 500],
  [50, 500],
  [25, 100],
  [25, 1000],
  [25, 257],
])("at %d mm/s and %d Hz a second is that wide", (speed, rate) => {
  const { labels, traces, page } = drawn(pulses(rate), { speed, layout: "12x1" });
  const onsets = onsetsOf(traceUnder(labels[3] as never, traces)); // aVR: from 0.175 s on
  expect(onsets).toHaveLength(SECONDS);
  onsets.forEach((x, second) => {
    const ms = 1000 * ((x - page.left) / speed - second);
    expect(ms).toBeGreaterThanOrEqual(175 - 1e-3);
    expect(ms).toBeLessThan(175 + 1000 / rate); // the first sample at or after the onset
  });
});

test("the rhythm strip is lead II over the whole width, with the time and the amplitude of the panels above", () => {
  const { traces, page, labels } = drawn(pulses(500));
  const strip = traces.find((line) => Math.abs(baselineOf(line) - (page.rows[3] ?? 0)) < 1e-6) as Stroke;
  expect(labels.at(-1)).toMatchObject({ text: "II", x: ROOM_LEFT + 1 });
  expect(deflectionOf(strip)).toBeCloseTo(heightOf(1) * 10, 4);
  const onsets = onsetsOf(strip);
  expect(onsets).toHaveLength(SECONDS);
  onsets.forEach((x, second) => {
    expect(x).toBeCloseTo(ROOM_LEFT + (second + 0.125) * 25, 1);
  });
});

test("a part of the recording begins at the left with its own first sample", () => {
  const { labels, traces } = drawn(pulses(500), { layout: "12x1", seconds: 4, start: 3.5 });
  const trace = traceUnder(labels[0] as never, traces);
  expect(trace.points[0]?.[0]).toBeCloseTo(ROOM_LEFT, 4);
  expect(onsetsOf(trace).map((x) => 3.5 + (x - ROOM_LEFT) / 25)).toEqual(
    [4.1, 5.1, 6.1, 7.1].map((time) => expect.closeTo(time, 2)),
  );
});

test("a lead stands on its own middle, whatever its offset", () => {
  const signal = pulses(500);
  const lifted = { ...signal, samples: signal.samples.map((lead) => lead.map((value) => value + 2.5)) };
  const { traces, page } = drawn(lifted, { layout: "12x1" });
  expect(traces.map(baselineOf)).toEqual(page.rows.map((row) => expect.closeTo(row, 3)));
  expect(traces.map(deflectionOf)).toEqual(LEADS.map((_, lead) => expect.closeTo(heightOf(lead) * 10, 4)));
});

test("missing samples leave a gap and a lead without samples no line, but its name", () => {
  const signal = pulses(500);
  signal.samples[0]?.fill(Number.NaN, 1000, 1500);
  signal.samples[3]?.fill(Number.NaN);
  const { traces, labels } = drawn(signal, { layout: "12x1" }, { missing: ["aVR"], derived: ["III"] });
  const [first, second] = traces;
  expect(first?.points.at(-1)?.[0]).toBeCloseTo(ROOM_LEFT + 1.998 * 25, 3);
  expect(second?.points[0]?.[0]).toBeCloseTo(ROOM_LEFT + 3 * 25, 3);
  expect(traces).toHaveLength(12); // one in two pieces, one in none
  expect(labels.map(({ text }) => text).slice(0, 5)).toEqual(["I", "II", "III (derived)", "aVR (missing)", "aVL"]);
});

test("names are drawn before the tracings, so that none hides a tracing", () => {
  const order: string[] = [];
  const recorder = new Recorder();
  recorder.fillText = (text) => order.push(text);
  recorder.stroke = () => order.push("line");
  const signal = pulses(100);
  const page = layOut("3x4+1", SECONDS, 25);
  const extents = extentsOf(signal.samples);
  const paper = { page, scale: 4, letters: 11, speed: 25, gain: 10, extents, start: 0, derived: [], missing: [] };
  drawPaper(recorder, signal, paper);
  expect(order.indexOf("line")).toBe(0); // the calibration pulse, before all names
  expect(order.slice(1, 14)).not.toContain("line");
  expect(order.slice(14)).toEqual(Array(13).fill("line"));
});

test("a lead that is missing is said to be missing even where it would be derived", () => {
  expect(labelOf("III", { derived: ["III"], missing: ["III"] })).toBe("III (missing)");
  expect(labelOf("II", { derived: ["III"], missing: ["I"] })).toBe("II");
});

test.each(NAMES)("on a sheet of %s no row reaches into another, and no tracing into a name", (layout) => {
  const tall = { ...pulses(500), samples: pulses(500).samples.map((lead) => lead.map((value) => value * 4)) };
  const { traces, labels, page } = drawn(tall, { layout });
  const reach = page.rows.map((row) => {
    const mine = traces.filter((line) => Math.abs(baselineOf(line) - row) < 1e-6).flatMap(heights);
    return { top: Math.min(...mine), bottom: Math.max(...mine) };
  });
  reach.slice(1).forEach(({ top }, above) => {
    expect(top).toBeGreaterThan(reach[above]?.bottom ?? Number.NaN);
  });
  for (const { y } of labels) {
    const row = page.rows.findIndex((baseline) => baseline > y);
    expect(y).toBeLessThan(reach[row]?.top ?? Number.NaN);
    expect(y - 3.1).toBeGreaterThan(reach[row - 1]?.bottom ?? 0); // its letters are 3.1 mm high
  }
});

test("what goes further than any row has room for is cut off, and the page knows", () => {
  const signal = pulses(500);
  signal.samples[0]?.fill(1e3, 100, 110);
  const { traces, page, labels } = drawn(signal, { layout: "12x1" });
  expect(page.cutOff).toBe(true);
  const first = traces[0] as Stroke;
  expect(Math.min(...heights(first))).toBeGreaterThan(labels[0]?.y ?? 0);
  expect(drawn(pulses(500)).page.cutOff).toBe(false);
});

test("a second recording lies under the first, in its own colour, moved so that both begin alike", () => {
  const beneath = { signal: pulses(500), extents: extentsOf(pulses(500).samples), shift: 0.4 };
  const { traces, labels } = drawn(pulses(500), { layout: "12x1", seconds: 4 }, { beneath });
  const lead = (colour: string) => traces.filter((line) => line.colour === colour);
  expect([lead(COLOURS.second).length, lead(COLOURS.trace).length]).toEqual([12, 12]);
  const [own, other] = [COLOURS.trace, COLOURS.second].map((colour) =>
    onsetsOf(traceUnder(labels[0] as never, lead(colour))),
  );
  expect((own?.[1] ?? 0) - (other?.[0] ?? 0)).toBeCloseTo(0.4 * 25, 1);
  expect(traces.findIndex(({ colour }) => colour === COLOURS.trace)).toBe(12); // drawn last, it is on top
});
