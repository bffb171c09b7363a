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
    { label: "NORM", name: "Normal", probability: 0.05, threshold: 0.4, predicted: false },
    { label: "AFIB", name: "Atrial fibrillation", probability: 0.92, threshold: 0.3, predicted: true },
  ],
  notes: ["The recording is shorter than 10 s."],
};

test("the predicted label comes first, by its plain name, with its threshold and the warnings", () => {
  show(<RecordingResult result={result} />);
  const items = screen.getAllByRole("listitem").map((item) => item.textContent);
  expect(items[0]).toContain("Atrial fibrillation");
  expect(items[0]).toContain("predicted");
  expect(items[0]).toContain("92.0 %");
  expect(items[0]).toContain("from 0.30 on");
  expect(items[1]).not.toContain("predicted9");
  expect(screen.getByText("The recording is shorter than 10 s.")).toBeTruthy();
  expect(screen.getByRole("status").textContent).toBe("Atrial fibrillation");
});

test("where no label reaches its threshold, the page says so", () => {
  const none = { ...result, predicted: [], labels: result.labels.map((label) => ({ ...label, predicted: false })) };
  show(<RecordingResult result={none} />);
  expect(screen.getByRole("status").textContent).toBe("None of the labels");
});
