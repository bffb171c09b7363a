import { afterEach, describe, expect, test, vi } from "vitest";
import { Recorder, type Stroke } from "@/test/canvas";
import { drawn, heights, pulses } from "@/test/drawing";
import { drawBeats, sharpen } from "./draw";
import { COLOURS, drawGrid } from "./grid";

describe("the calibration pulse", () => {
  const box = (line: Stroke | undefined) => {
    const xs = line?.points.map(([x]) => x) ?? [];
    const top = Math.min(...heights(line));
    const plateau = line?.points.filter(([, y]) => y === top).map(([x]) => x) ?? [];
    return {
      height: Math.max(...heights(line)) - top,
      width: Math.max(...plateau) - Math.min(...plateau),
      right: Math.max(...xs),
      foot: Math.max(...heights(line)),
    };
  };

  test.each([
    [10, 25, 10, 5],
    [5, 25, 5, 5],
    [20, 50, 20, 10],
    [10, 12.5, 10, 2.5],
  ])("is 1 mV and 200 ms: at %d mm/mV and %d mm/s it is %d by %d mm", (gain, speed, height, width) => {
    const { calibration, traces } = drawn(pulses(500), { gain, speed });
    const begin = Math.min(...traces.map(({ points }) => points[0]?.[0] ?? 0));
    expect(calibration.length).toBeGreaterThan(0);
    for (const pulse of calibration) {
      expect(box(pulse).height).toBeCloseTo(height, 6);
      expect(box(pulse).width).toBeCloseTo(width, 6);
      expect(box(pulse).foot - box(pulse).height).toBeGreaterThan(0); // it is not cut off
      expect(box(pulse).right).toBeLessThan(begin - 0.5); // it does not reach into the tracing
    }
  });

  test("stands on the baseline of each row, and goes up", () => {
    const { calibration, page } = drawn(pulses(500));
    expect(calibration.map((pulse) => box(pulse).foot)).toEqual(page.rows.map((row) => expect.closeTo(row, 6)));
    expect(calibration.map((pulse) => pulse.points[0]?.[1])).toEqual(page.rows.map((row) => expect.closeTo(row, 6)));
  });

  test("stands in every row, however high it is", () => {
    expect(drawn(pulses(500), { gain: 20 }).calibration).toHaveLength(4);
    expect(drawn(pulses(500), { gain: 20, layout: "12x1" }).calibration).toHaveLength(12);
  });

  test("is not drawn where there is no scale in mV", () => {
    expect(drawn(pulses(500, "arbitrary")).calibration).toEqual([]);
  });
});

describe("the paper", () => {
  test("has a line each mm, and a stronger one each 5 mm, in both directions", () => {
    const recorder = new Recorder(200, 100);
    drawGrid(recorder, 4);
    const upright = recorder.fills.filter(({ height, width }) => height === 100 && width < 4);
    const level = recorder.fills.filter(({ height, width }) => width === 200 && height < 4);
    const at = (lines: typeof upright, colour: string, side: "x" | "y") =>
      lines.filter((line) => line.colour === colour).map((line) => line[side] / 4);
    const upTo = (most: number) => Array.from({ length: most + 1 }, (_, mm) => mm);
    const bold = (mm: number) => mm % 5 === 0;
    expect(at(upright, COLOURS.bold, "x")).toEqual(upTo(50).filter(bold));
    expect(at(upright, COLOURS.fine, "x")).toEqual(upTo(50).filter((mm) => !bold(mm)));
    expect(at(level, COLOURS.bold, "y")).toEqual(upTo(25).filter(bold));
    expect(at(level, COLOURS.fine, "y")).toEqual(upTo(25).filter((mm) => !bold(mm)));
    expect(recorder.fills[0]).toMatchObject({ x: 0, y: 0, width: 200, height: 100, colour: COLOURS.paper });
  });

  test("lies under the tracing, and lines between columns mark where the lead changes", () => {
    const { recorder, page } = drawn(pulses(500));
    const separators = recorder.fills.filter(({ colour }) => colour === COLOURS.separator);
    expect(separators).toHaveLength(9);
    expect(new Set(separators.map(({ x }) => x / 4))).toEqual(new Set([72.5, 135, 197.5]));
    expect(separators[0]?.y).toBeCloseTo(((page.rows[0] ?? 0) - 3) * 4, 6);
    expect(separators[0]?.height).toBe(24);
  });

  test("is as sharp as the screen", () => {
    vi.stubGlobal("devicePixelRatio", 2.5);
    const recorder = new Recorder();
    expect(sharpen(recorder as unknown as CanvasRenderingContext2D, 301, 100)).toBe(2.5);
    expect(recorder.canvas).toEqual({ width: 753, height: 250 });
    vi.stubGlobal("devicePixelRatio", 0.5);
    expect(sharpen(recorder as unknown as CanvasRenderingContext2D, 300, 100)).toBe(1);
  });

  afterEach(() => vi.unstubAllGlobals());
});

const WAVE_FILLS = ["#2463c433", "#b4540033", "#1f7a4a33"];

describe("marked waves", () => {
  const waves = [
    { name: "P", onset: 1.1, offset: 1.2 },
    { name: "QRS", onset: 2.45, offset: 2.55 },
    { name: "T", onset: 9.9, offset: 10.4 },
  ] as const;

  test("lie behind their part of the tracing in each column, and end where it ends", () => {
    const { recorder, page } = drawn(pulses(500), {}, { waves });
    const bands = recorder.fills.filter(({ colour }) => WAVE_FILLS.includes(colour));
    const spans = (row: number) =>
      bands
        .filter(({ y }) => Math.abs(y / 4 + (page.bands[row]?.up ?? 0) - (page.rows[row] ?? 0)) < 1e-6)
        .map(({ x, width }) => [(x / 4 - 10) / 25, ((x + width) / 4 - 10) / 25].map((s) => Math.round(s * 1000) / 1000))
        .sort(([a = 0], [b = 0]) => a - b);
    expect(spans(0)).toEqual([
      [1.1, 1.2],
      [2.45, 2.5],
      [2.5, 2.55],
      [9.9, 10],
    ]);
    expect(spans(3)).toEqual([
      [1.1, 1.2],
      [2.45, 2.55],
      [9.9, 10],
    ]);
  });

  test("are lettered once, in the middle of the band, below the last row", () => {
    const { recorder, page } = drawn(pulses(500), {}, { waves });
    const letters = recorder.letters.filter(({ align }) => align === "center");
    expect(letters.map(({ text }) => text)).toEqual(["P", "QRS", "T"]);
    expect((letters[0]?.x ?? 0) / 4).toBeCloseTo(10 + 1.15 * 25, 6);
    expect((letters[0]?.y ?? 0) / 4).toBeGreaterThan(page.rows[3] ?? 0);
    expect(recorder.letters.at(-1)?.align).toBe("start");
  });

  test("move along with the part of the recording that is shown", () => {
    const { recorder } = drawn(pulses(500), { layout: "12x1", seconds: 4, start: 2 }, { waves });
    const bands = recorder.fills.filter(({ colour }) => WAVE_FILLS.includes(colour));
    expect(bands).toHaveLength(12);
    expect((bands[0]?.x ?? 0) / 4).toBeCloseTo(10 + 0.45 * 25, 6);
  });
});

test("beats laid over each other keep mV, ms and the sign, each from the same left edge", () => {
  const recorder = new Recorder();
  const beat = Float32Array.of(0.1, 0.1, 1.1, -0.4, 0.1);
  const place = { x: 7, baseline: 20, middle: 0.1, rate: 100, speed: 50, gain: 10, scale: 4 };
  drawBeats(recorder, [beat, beat.map((value) => -value)], place, { colour: "#123456", width: 0.5 });
  const [first, second] = recorder.strokes;
  const mm = first?.points.map(([x, y]) => [x / 4, y / 4]) ?? [];
  expect(mm.map(([x = 0]) => x)).toEqual([7, 7.5, 8, 8.5, 9].map((x) => expect.closeTo(x, 6)));
  expect(mm.map(([, y = 0]) => y)).toEqual([20, 20, 10, 25, 20].map((y) => expect.closeTo(y, 5)));
  expect(second?.points[0]?.[0]).toBe(28);
  expect(second?.points[2]?.[1]).toBeCloseTo((20 + 12) * 4, 4);
  expect(first).toMatchObject({ colour: "#123456", width: 2 });
});

test("a single sample between gaps is a dot, not nothing", () => {
  const recorder = new Recorder();
  const place = { x: 0, baseline: 10, middle: 0, rate: 100, speed: 25, gain: 10, scale: 4 };
  drawBeats(recorder, [Float32Array.of(Number.NaN, 0.5, Number.NaN)], place, { colour: "", width: 0.1 });
  expect(recorder.strokes).toHaveLength(1);
  expect(recorder.strokes[0]?.points).toHaveLength(2);
  expect(recorder.strokes[0]?.width).toBe(1); // never thinner than a pixel
});
