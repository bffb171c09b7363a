import { expect, test } from "vitest";
import { type Caliper, marchOut, moved, readingOf, readingText } from "./calipers";

const caliper = (from: [number, number], to: [number, number]): Caliper => ({
  id: 1,
  lead: "II",
  from: { t: from[0], v: from[1] },
  to: { t: to[0], v: to[1] },
  march: false,
});

test("an interval is read in ms and as a rate, a difference in mV", () => {
  const reading = readingOf(caliper([1, 0.2], [2, 1.2]), true);
  expect(reading).toEqual({ ms: 1000, perMinute: 60, mV: 1 });
  expect(readingText(reading)).toBe("1000 ms · 60/min · +1.00 mV");
});

test("from right to left is the same interval, downwards a negative difference", () => {
  const reading = readingOf(caliper([1.2, 1], [1, 0.25]), true);
  expect(readingText(reading)).toBe("200 ms · 300/min · −0.75 mV");
});

test("without a scale there is no amplitude, and a very short interval is no rate", () => {
  expect(readingText(readingOf(caliper([0, 0], [0.04, 5]), false))).toBe("40 ms");
});

test("either end is moved alone, and the whole with its interval kept", () => {
  const one = caliper([1, 0], [2, 0]);
  expect(moved(one, "from", { t: 0.5, v: 0.1 }, 10)).toMatchObject({ from: { t: 1.5, v: 0.1 }, to: { t: 2, v: 0 } });
  expect(moved(one, "to", { t: 99, v: 0 }, 10).to.t).toBe(10);
  expect(moved(one, "whole", { t: 3, v: -0.2 }, 10)).toMatchObject({ from: { t: 4, v: -0.2 }, to: { t: 5, v: -0.2 } });
  const stopped = moved(one, "whole", { t: 99, v: 0 }, 10);
  expect([stopped.from.t, stopped.to.t]).toEqual([9, 10]);
  const back = moved(one, "whole", { t: -99, v: 0 }, 10);
  expect([back.from.t, back.to.t]).toEqual([0, 1]);
});

test("marched out, the interval is repeated to both sides of the window", () => {
  const marks = marchOut(caliper([2.5, 0], [3.3, 0]), 1, 6);
  expect(marks).toEqual([1.7, 4.1, 4.9, 5.7].map((t) => expect.closeTo(t, 9)));
  expect(marchOut(caliper([2, 0], [2, 0]), 0, 10)).toEqual([]);
  expect(marchOut(caliper([2, 0], [2.001, 0]), 0, 10)).toEqual([]); // lines everywhere say nothing
});
