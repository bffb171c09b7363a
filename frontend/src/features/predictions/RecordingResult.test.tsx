import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { RecordingPrediction } from "@/api/types";
import { show } from "@/test/render";
import { RecordingResult } from "./RecordingResult";

const result: RecordingPrediction = {
  model_id: "m",
  recording_id: "r",
  file_name: "a.dcm",
  task: "multi_label",
  predicted: ["AFIB"],
  labels: [
    { label: "NORM", name: "Normal", probability: 0.05, threshold: 0.4, predicted: false, abstains: false },
    { label: "AFIB", name: "Atrial fibrillation", probability: 0.92, threshold: 0.3, predicted: true, abstains: false },
  ],
  abstains: false,
  notes: ["The recording is shorter than 10 s."],
  seen: "no",
  seen_text: "",
};

test("the predicted label comes first, by its plain name, with its threshold and the warnings", () => {
  show(<RecordingResult result={result} />);
  const items = screen.getAllByRole("listitem").map((item) => item.textContent);
  expect(items[0]).toContain("Atrial fibrillation");
  expect(items[0]).toContain("predicted");
  expect(items[0]).toContain("92 %");
  expect(items[0]).toContain("Threshold 30 %");
  expect(items[1]).not.toContain("predicted9");
  expect(screen.getByText("The recording is shorter than 10 s.")).toBeTruthy();
  expect(screen.getByRole("status").textContent).toBe("Atrial fibrillation");
});

test("a recording that the model has learned from is said to be one, beside what is known of it", () => {
  const seen = {
    ...result,
    seen: "training" as const,
    seen_text: "this recording was in the training of “A”",
    known: ["MI"],
  };
  show(<RecordingResult result={seen} />);
  expect(screen.getByText("seen in training")).toBeTruthy();
  expect(screen.getByText("Known: MI")).toBeTruthy();
  expect(screen.getByText(/has learned from it/)).toBeTruthy();
});

test("rounding does not hide why a label is not predicted", () => {
  const labels = result.labels.map((label) => ({ ...label, probability: 0.126, threshold: 0.134, predicted: false }));
  show(<RecordingResult result={{ ...result, labels, predicted: [] }} />);
  expect(screen.getAllByRole("listitem")[0]?.textContent).toMatch(/12\.6 %.*Threshold 13\.4 %/);
});

test("where no label reaches its threshold, the page says so", () => {
  const none = {
    ...result,
    predicted: [],
    labels: result.labels.map((label) => ({ ...label, predicted: false, abstains: false })),
  };
  show(<RecordingResult result={none} />);
  expect(screen.getByRole("status").textContent).toBe("None of the labels");
});

test("a probability stands in whole per cents with the interval of its calibration, and an open label says so", () => {
  const labels = result.labels.map((label) => ({
    ...label,
    probability_low: 0.641,
    probability_high: 0.97,
    abstains: label.label === "AFIB",
  }));
  show(<RecordingResult result={{ ...result, labels, abstains: true }} />);
  expect(screen.getAllByRole("listitem")[0]?.textContent).toContain("92 % (64 to 97)");
  expect(screen.getByRole("status").textContent).toBe("Left open");
  expect(screen.getByText(/leaves open: Atrial fibrillation/)).toBeTruthy();
  expect(screen.queryByText("predicted")).toBeNull();
});
