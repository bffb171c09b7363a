import { expect, test } from "vitest";
import { amplitudeAt, cellAt, cellOf, type Geometry, secondsAt, xOf, yOf } from "./geometry";
import { layOut } from "./layout";

const page = layOut("3x4+1", 10, 25, [], 10, 10);
const geometry: Geometry = { page, mm: 4, speed: 25, gain: 10, hasScale: true, start: 3, duration: 60, extents: [] };
const cell = (name: string) => page.cells.find((one) => one.name === name) as (typeof page.cells)[number];

test("a moment stands where it is drawn, in every column", () => {
  expect(xOf(geometry, 3)).toBe(page.left * 4);
  expect(xOf(geometry, 3 + 5)).toBe(cell("V1").x * 4);
  expect(secondsAt(geometry, xOf(geometry, 7.5))).toBeCloseTo(7.5, 9);
  expect(secondsAt(geometry, -1e9)).toBe(0);
  expect(secondsAt(geometry, 1e9)).toBe(60);
});

test("up is positive, but in a lead that is shown upside down", () => {
  expect(yOf(geometry, cell("II"), 1)).toBe((cell("II").baseline - 10) * 4);
  expect(amplitudeAt(geometry, cell("II"), (cell("II").baseline - 10) * 4)).toBeCloseTo(1, 9);
  const cabrera = layOut("cabrera", 10, 25, [], 10, 10);
  const turned = cabrera.cells.find((one) => one.name === "-aVR") as (typeof page.cells)[number];
  expect(yOf({ ...geometry, page: cabrera }, turned, 1)).toBe((turned.baseline + 10) * 4);
});

test("a point belongs to the lead whose panel it lies in", () => {
  for (const one of page.cells) {
    const middle = { x: (one.x + 20) * 4, y: one.baseline * 4 };
    expect(cellAt(geometry, middle)).toBe(one);
  }
});

test("a lead is found again in its panel, or in the strip that shows the moment", () => {
  expect(cellOf(geometry, "II", 4)).toBe(page.cells.find((one) => one.name === "II"));
  expect(cellOf(geometry, "II", 9)?.seconds).toBe(10);
  expect(cellOf(geometry, "V6", 3)?.name).toBe("V6");
});
