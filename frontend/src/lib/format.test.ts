import { expect, test } from "vitest";
import {
  bytes,
  decimals,
  digitsApart,
  digitsOfPercent,
  digitsOfShare,
  hertz,
  parseUtc,
  percent,
  percentPlain,
  plain,
  score,
  seconds,
  signed,
  timeLeft,
  timeRange,
  valueText,
} from "./format";

test("numbers are written as people read them", () => {
  expect(bytes(500)).toBe("500 B");
  expect(bytes(16 * 1024 * 1024)).toBe("16 MB");
  expect(seconds(9.96)).toBe("10 s");
  expect(seconds(3.2)).toBe("3.2 s");
  expect(seconds(125)).toBe("2 min 5 s");
  expect(timeLeft(200)).toBe("about 3 min left");
  expect(score(null)).toBe("–");
  expect(percent(0.825, 1)).toBe("82.5 %");
});

test("a time without a zone is UTC", () => {
  expect(new Date("2026-01-02T03:04:05").getTimezoneOffset()).not.toBe(0); // it could not fail otherwise
  expect(parseUtc("2026-01-02T03:04:05").toISOString()).toBe("2026-01-02T03:04:05.000Z");
  expect(parseUtc("2026-01-02T03:04:05+01:00").toISOString()).toBe("2026-01-02T02:04:05.000Z");
});

test("settings are told in plain words", () => {
  expect(plain(null)).toBe("automatic");
  expect(plain(true)).toBe("yes");
  expect(plain({ crop_seconds: 2.5, noise: null })).toBe("crop seconds: 2.5; noise: automatic");
});

test("a time is estimated no more exactly than it is known", () => {
  expect(timeRange(170, 470)).toBe("about 3 minutes; at most 8");
  expect(timeRange(12, 24)).toBe("about 10 seconds; at most 20");
  expect(timeRange(40, 100)).toBe("about 40 seconds; at most 2 minutes");
  expect(timeRange(60, 70)).toBe("about 1 minute");
  expect(timeRange(3600, 4 * 3600)).toBe("about 60 minutes; at most 4 hours");
});

test("values get as many decimals as their spread deserves", () => {
  expect([150, 17, 1.2, 0.05].map(decimals)).toEqual([0, 1, 2, 4]);
  expect(decimals(null)).toBe(2);
  expect(decimals(0)).toBe(2);
});

test("numbers below zero have the sign for minus, and what is rounded to nothing has none", () => {
  expect(signed(-0.42, 1)).toBe("−0.4");
  expect(signed(-0.04, 1)).toBe("0.0");
  expect([55.123456, 40, -1234.5, undefined].map(valueText)).toEqual(["55.12", "40.00", "−1235", "–"]);
});

test("numbers are no more exact than so many recordings can tell", () => {
  expect([81, 999, 1000].map(digitsOfShare)).toEqual([2, 2, 3]);
  expect([99, 100].map(digitsOfPercent)).toEqual([0, 1]);
  expect([0.1, 0.25, 0.0025, 1].map((share) => percentPlain(share))).toEqual(["10 %", "25 %", "0.25 %", "100 %"]);
});

test("rounding does not hide on which side of its threshold a probability lies", () => {
  expect([digitsApart(0.13, 0.4), digitsApart(0.126, 0.134), digitsApart(0.1312, 0.1314)]).toEqual([0, 1, 2]);
  expect(digitsApart(0.13, 0.13)).toBe(0);
});

test("rates, shares and long times are written as exactly as they are known", () => {
  expect([500, 257.004, 999.987].map(hertz)).toEqual(["500 Hz", "257 Hz", "999.99 Hz"]);
  expect(percent(0.071)).toBe("7 %");
  expect(score(0.83125)).toBe("0.831");
  expect([undefined, Number.NaN].map((value) => score(value))).toEqual(["–", "–"]);
  expect([119, 3600 + 61, 7500].map(seconds)).toEqual(["1 min 59 s", "1 h 1 min", "2 h 5 min"]);
  expect([59.7, 119.7, 3599.8].map(seconds)).toEqual(["1 min 0 s", "2 min 0 s", "1 h 0 min"]);
  expect([5, 44, 600, 9000].map(timeLeft)).toEqual([
    "a few seconds left",
    "about 40 s left",
    "about 10 min left",
    "about 2.5 h left",
  ]);
  expect(timeRange(600, 60)).toBe("about 10 minutes"); // never less at most than likely
  expect(plain(false)).toBe("no");
});
