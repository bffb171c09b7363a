import { expect, test } from "vitest";
import { centre, extentsOf, fittingGain, layOut, pixelsPerMm, usualLayout, windowSeconds } from "./layout";

test("3×4 shows consecutive quarters of the window and lead II below them", () => {
  const page = layOut("3x4+1", 10, 25);
  expect(page.cells).toHaveLength(13);
  const v1 = page.cells.find((cell) => cell.lead === 6);
  expect(v1).toMatchObject({ start: 5, seconds: 2.5, x: 135 });
  const rhythm = page.cells.at(-1);
  expect(rhythm).toMatchObject({ lead: 1, start: 0, seconds: 10, x: 10 });
});

test("a second is 25 mm wide at 25 mm/s and 50 mm at 50 mm/s", () => {
  expect(layOut("12x1", 10, 25).width - layOut("12x1", 9, 25).width).toBe(25);
  expect(layOut("12x1", 10, 50).width - layOut("12x1", 9, 50).width).toBe(50);
});

test("each layout shows each lead once, but for the rhythm strip", () => {
  for (const name of ["3x4", "6x2", "12x1", "cabrera"] as const) {
    const leads = layOut(name, 10, 25).cells.map((cell) => cell.lead);
    expect([...leads].sort((a, b) => a - b)).toEqual([...Array(12).keys()]);
  }
});

test("each row is as high as it needs to be, and not without end", () => {
  const flat = Array.from({ length: 12 }, () => ({ middle: 0, up: 0, down: 0 }));
  const tall = flat.map((extent, lead) => (lead === 9 ? { ...extent, up: 3, down: 2 } : extent)); // V4, in the first row
  const usual = layOut("3x4+1", 10, 25, flat, 10, 10);
  const grown = layOut("3x4+1", 10, 25, tall, 10, 10);
  expect(usual.bands).toEqual(Array(4).fill({ up: 15, down: 3 })); // 10 mm of the pulse, 5 mm of the name
  expect(grown.bands[0]).toEqual({ up: 35, down: 20 });
  expect(grown.height - usual.height).toBe(37);
  expect(grown.rows.every(Number.isInteger)).toBe(true); // baselines stand on lines of the paper
  const artefact = flat.map(() => ({ middle: 0, up: 1e6, down: 1e6 }));
  const cut = layOut("3x4+1", 10, 25, artefact, 10);
  expect([cut.bands[0], cut.cutOff, grown.cutOff]).toEqual([{ up: 45, down: 40 }, true, false]);
});

test("a lead that is shown upside down needs its room the other way round", () => {
  const extents = Array.from({ length: 12 }, (_, lead) => ({ middle: 0, up: 0, down: lead === 3 ? 2 : 0 }));
  const cabrera = layOut("cabrera", 10, 25, extents, 10);
  const turned = cabrera.cells.find(({ name }) => name === "-aVR");
  expect(turned).toMatchObject({ lead: 3, inverted: true, row: 2 });
  expect(cabrera.bands[2]).toEqual({ up: 25, down: 3 });
});

test("ten seconds fill a desktop, and a phone shows fewer at a size that can be read", () => {
  const wide = pixelsPerMm(1060);
  expect(wide).toBeCloseTo(4, 1);
  expect(windowSeconds(1060, wide, 25, 60)).toBe(10);
  const narrow = pixelsPerMm(360);
  expect(narrow).toBe(2.4);
  expect(windowSeconds(360, narrow, 25, 10)).toBe(5);
  expect(windowSeconds(1060, wide, 50, 60)).toBe(5);
  expect(windowSeconds(1060, wide, 25, 3.2)).toBe(3.2);
});

test("short recordings and phones begin with one lead a row", () => {
  expect(usualLayout(1000, 10)).toBe("3x4+1");
  expect(usualLayout(1000, 3)).toBe("12x1");
  expect(usualLayout(360, 10)).toBe("12x1");
});

test("the middle of a lead is its median, without the missing samples", () => {
  expect(centre(Float32Array.of(Number.NaN, 5, 1, 3))).toBe(3);
  expect(centre(Float32Array.of(Number.NaN))).toBe(0);
});

test("extents are measured from the median", () => {
  const [extent] = extentsOf([Float32Array.of(1, 1, 1, 3, 0.5, Number.NaN)]);
  expect(extent).toEqual({ middle: 1, up: 2, down: 0.5 });
});

test("without a scale the widest lead fills what it is given", () => {
  const wide = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i / 10) * 50);
  const gain = fittingGain([wide, new Float32Array(1000)], 20);
  expect(gain * 100).toBeCloseTo(20, 0);
  expect(fittingGain([new Float32Array(10)], 20)).toBe(1);
});

test("a few outliers do not shrink a lead without a scale", () => {
  const lead = Float32Array.from({ length: 10_000 }, (_, i) => Math.sin(i / 10));
  lead[5000] = 1e6;
  lead[5001] = -1e6;
  expect(fittingGain([lead], 20) * 2).toBeCloseTo(20, 0);
});
