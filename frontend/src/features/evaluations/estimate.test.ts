import { expect, test } from "vitest";
import { withInterval } from "./estimate";

test("a number stands with its interval, and it is said where it has none", () => {
  expect(withInterval({ value: 0.8123, low: 0.77, high: 0.85 })).toBe("0.812 (0.770 to 0.850)");
  expect(withInterval({ value: 0.8, low: null, high: null })).toBe("0.800 (no interval)");
  expect(withInterval({ value: null, low: null, high: null })).toBe("–");
  expect(withInterval({ value: null, low: null, high: null, withheld: "too few to say: 3" })).toBe("too few to say: 3");
});

test("numbers below zero have the sign for minus", () => {
  expect(withInterval({ value: -1, low: -2, high: 0.5 }, 1)).toBe("−1.0 (−2.0 to 0.5)");
});
