import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Preview } from "@/api/types";
import { show } from "@/test/render";
import { figuresOf, PreviewedFile } from "./PreviewedFile";

const preview: Preview = {
  file_name: "a.csv",
  format: "csv",
  left_open: ["rate", "unit"],
  rate: 500,
  unit: "mV",
  n_recordings: 1,
  duration_s: 10,
  leads: [],
  missing_leads: [],
  notes: ["Taken as 500 Hz.", "Taken as 500 Hz."],
  findings: [{ code: "scale", message: "The largest lead spans 0.00187 mV." }],
  heart_rate: 71.6,
  peak_to_peak_mv: 0.00187,
  error: null,
  offers: [],
  signal: null,
};

test("the figures are those by which a wrong declaration is noticed", () => {
  expect(figuresOf({ ...preview, missing_leads: ["V1", "V2"], n_recordings: 3 })).toEqual([
    "500 Hz",
    "10 s",
    "largest lead 0.00187 mV peak to peak",
    "about 72 beats per minute",
    "without V1, V2",
    "3 recordings in the file, the first is shown",
  ]);
  expect(figuresOf({ ...preview, rate: null, duration_s: null, heart_rate: null, peak_to_peak_mv: null })).toEqual([]);
});

test("doubts and notes are shown, each of them once", () => {
  show(<PreviewedFile preview={preview} />);
  expect(screen.getByText("The largest lead spans 0.00187 mV.")).toBeTruthy();
  expect(screen.getAllByText("Taken as 500 Hz.")).toHaveLength(1);
});

test("a file that cannot be read says why and shows no figures", () => {
  show(<PreviewedFile preview={{ ...preview, error: "It holds 3 leads. Tick the box.", findings: [] }} />);
  expect(screen.getByRole("alert").textContent).toContain("It holds 3 leads. Tick the box.");
  expect(screen.queryByText(/500 Hz/)).toBeNull();
});
