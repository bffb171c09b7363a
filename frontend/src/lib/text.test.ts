import { expect, test } from "vitest";
import { csvField, labelTemplate } from "./csv";
import { bestOf, epochsOf, learningRateOf, stepNoun } from "./epochs";
import { asEvaluation, headlines, written } from "./evaluation";
import { bytes, count, foretold, parseUtc, percent, plain, score, seconds, timeLeft } from "./format";

test("numbers are written as people read them", () => {
  expect(count(1, "file")).toBe("1 file");
  expect(count(1234, "file")).toBe("1,234 files");
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
  expect(parseUtc("2026-01-02T03:04:05").toISOString()).toBe("2026-01-02T03:04:05.000Z");
  expect(parseUtc("2026-01-02T03:04:05+01:00").toISOString()).toBe("2026-01-02T02:04:05.000Z");
});

test("settings are told in plain words", () => {
  expect(plain(null)).toBe("automatic");
  expect(plain(true)).toBe("yes");
  expect(plain({ crop_seconds: 2.5, noise: null })).toBe("crop seconds: 2.5; noise: automatic");
});

test("file names with commas and quotes survive the template", () => {
  expect(csvField('a,"b".csv')).toBe('"a,""b"".csv"');
  expect(labelTemplate(["ä #1.dat"])).toBe("file_name,label\r\nä #1.dat,\r\n");
});

const epoch = (n: number, loss: number, best = false) => ({
  kind: "epoch",
  payload: { epoch: n, val_loss: loss, best },
});

test("an epoch that was told twice counts once, as it was told last", () => {
  const epochs = epochsOf([
    epoch(1, 3, true),
    epoch(2, 2, true),
    epoch(2, 1.9, true),
    epoch(3, 2.5),
    { kind: "log", payload: {} },
  ]);
  expect(epochs.map((item) => [item.epoch, item.val_loss])).toEqual([
    [1, 3],
    [2, 1.9],
    [3, 2.5],
  ]);
  expect(bestOf(epochs)?.epoch).toBe(2);
});

test("the learning rate is known with or without its curve", () => {
  expect(learningRateOf([])).toBeNull();
  expect(learningRateOf([{ kind: "learning_rate", payload: { learning_rate: 0.01 } }])).toEqual({
    rate: 0.01,
    curve: [],
  });
});

test("an evaluation is told from anything else", () => {
  expect(asEvaluation({})).toBeNull();
  expect(asEvaluation(null)).toBeNull();
  const estimate = { value: 0.8123, low: 0.77, high: 0.85 };
  expect(asEvaluation({ n: 3, classes: [], macro_f1: estimate })).not.toBeNull();
  expect(written(estimate)).toBe("0.812 (0.770–0.850)");
  expect(written({ value: 0.8, low: null, high: null })).toBe("0.800");
  expect(written({ value: null, low: null, high: null })).toBe("–");
});

test("a time is foretold no more exactly than it is known", () => {
  expect(foretold(170, 470)).toBe("about 3 minutes; at most 8");
  expect(foretold(12, 24)).toBe("about 10 seconds; at most 20");
  expect(foretold(40, 100)).toBe("about 40 seconds; at most 2 minutes");
  expect(foretold(60, 70)).toBe("about 1 minute");
  expect(foretold(3600, 4 * 3600)).toBe("about 60 minutes; at most 4 hours");
});

test("fits of the head alone are no epochs", () => {
  const fit = { epoch: 1, learning_rate: 0 } as Parameters<typeof stepNoun>[0][number];
  expect(stepNoun([])).toBe("Epoch");
  expect(stepNoun([fit])).toBe("Strength tried");
  expect(stepNoun([fit, { ...fit, learning_rate: 0.01 }])).toBe("Epoch");
});

test("values have other headlines than labels: of a single one its error, which has no mean over several", () => {
  const estimate = { value: 0.8123, low: null, high: null };
  const target = {
    label: "age",
    sd: 17,
    mae: { value: 7.25, low: 6, high: 8.4 },
    r2: { value: -0.2, low: null, high: null },
  };
  const evaluation = { n: 9, targets: [target], macro_r2: estimate, macro_pearson: estimate };
  expect(headlines(evaluation)).toEqual([
    ["Mean absolute error", "7.3 (6.0 to 8.4)"],
    ["R²", "−0.20"],
  ]);
  expect(headlines({ ...evaluation, targets: [target, target] }).map(([title]) => title)).toEqual([
    "R², mean over values",
    "Correlation, mean over values",
  ]);
  expect(headlines({})).toEqual([]);
});
