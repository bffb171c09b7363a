import { expect, test } from "vitest";
import { readingOf, readingText } from "./calipers";

test("25 mm at 25 mm/s are a second, 10 mm at 10 mm/mV a millivolt upwards", () => {
  const reading = readingOf({ from: { x: 10, y: 30 }, to: { x: 35, y: 20 } }, 25, 10);
  expect(reading).toEqual({ ms: 1000, perMinute: 60, mV: 1 });
  expect(readingText(reading)).toBe("1000 ms · 60/min · +1.00 mV");
});

test("dragging to the left measures the same interval", () => {
  expect(readingOf({ from: { x: 35, y: 0 }, to: { x: 10, y: 0 } }, 50, 10).ms).toBe(500);
});

test("without a scale there is no amplitude, and a very short interval is no rate", () => {
  const reading = readingOf({ from: { x: 0, y: 0 }, to: { x: 1, y: 5 } }, 25, null);
  expect(reading).toEqual({ ms: 40, perMinute: null, mV: null });
  expect(readingText(reading)).toBe("40 ms");
});

test("downwards is a negative difference", () => {
  const reading = readingOf({ from: { x: 0, y: 10 }, to: { x: 5, y: 17.5 } }, 25, 10);
  expect(reading.mV).toBe(-0.75);
  expect(readingText(reading)).toBe("200 ms · 300/min · −0.75 mV");
});
