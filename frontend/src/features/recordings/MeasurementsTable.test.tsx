import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Measurements } from "@/api/types";
import { show } from "@/test/render";
import { MeasurementsTable } from "./MeasurementsSection";

const measured: Measurements = {
  n_beats: 9,
  heart_rate: 56.4,
  rr_ms: { mean: 1062.2, sd: 80, min: 934, max: 1184, variation: 23.5 },
  rhythm_regular: null,
  p_ms: 86,
  pr_ms: 350,
  qrs_ms: 105.6,
  qt_ms: 434,
  qtc_ms: { bazett: 421.1, hodges: 428 },
  p_axis: 88,
  qrs_axis: -31.7,
  t_axis: -0.2,
  st_mv: { I: 0.034, V2: -0.004 },
  r_mv: { I: 0.49 },
  s_mv: { I: -1.345 },
  t_mv: {},
  r_peaks_s: [],
  reasons: {},
  waves: [],
  compared: [],
  quality: { overall: "usable", reasons: [], leads: {} },
};

/** The value that stands beside a name. */
const value = (name: string) => screen.getByText(name, { selector: "dt" }).nextElementSibling?.textContent;
const row = (name: string) =>
  [...(screen.getByRole("rowheader", { name }).parentElement?.querySelectorAll("td") ?? [])].map(
    (td) => td.textContent,
  );

test("values stand beside their names, with the sign for minus and no negative zero", () => {
  show(<MeasurementsTable data={measured} missing={[]} />);
  expect(value("Heart rate")).toBe("56/min");
  expect(value("RR")).toBe("1062 ms (934–1184)");
  expect(value("RR variation")).toBe("24 % of the mean");
  expect(value("QRS")).toBe("106 ms");
  expect(value("QTc Bazett")).toBe("421 ms");
  expect(value("QRS axis")).toBe("−32°");
  expect(value("T axis")).toBe("0°");
  expect(row("ST at J+60 ms").slice(0, 2)).toEqual(["+0.03", "–"]);
  expect(row("ST at J+60 ms")[7]).toBe("0.00");
  expect(row("S")[0]).toBe("−1.34");
  expect(screen.getByText("Signal usable")).toBeTruthy();
});

test("what could not be measured says why in its place, and no number is made up", () => {
  const none = {
    p_ms: null,
    pr_ms: null,
    qt_ms: null,
    qtc_ms: {},
    rr_ms: { mean: 1062.2, sd: 80, min: 934, max: 1184, variation: null },
    st_mv: {},
    r_mv: {},
    s_mv: {},
  };
  const reasons = {
    p_ms: "No P wave keeps its place.",
    qt_ms: "Where it ends is not to be told.",
    qtc_ms: "It needs QT.",
    rr_variation: "Four beats are needed.",
    st_mv: "The recording has no scale in mV.",
  };
  show(<MeasurementsTable data={{ ...measured, ...none, reasons }} missing={[]} />);
  expect(value("P")).toBe("No P wave keeps its place.");
  expect(value("QT")).toBe("Where it ends is not to be told.");
  expect(value("QTc")).toBe("It needs QT.");
  expect(value("RR variation")).toBe("Four beats are needed.");
  expect(screen.queryByText("PR", { selector: "dt" })).toBeNull();
  expect(screen.getByText("No amplitudes: The recording has no scale in mV.")).toBeTruthy();
  expect(screen.queryByRole("table")).toBeNull();
});

test("of a partial recording the leads that are there are judged, and of one without a scale none", () => {
  const { unmount } = show(<MeasurementsTable data={measured} missing={["V1"]} />);
  expect(screen.getByText("Leads are missing")).toBeTruthy();
  unmount();
  const bad = { overall: "unusable" as const, reasons: ["II: noisy.", "V2: noisy."], leads: {} };
  const second = show(<MeasurementsTable data={{ ...measured, quality: bad }} missing={["V1"]} />);
  expect(screen.getByText("Signal unusable")).toBeTruthy();
  expect(screen.getByText("II: noisy. V2: noisy.")).toBeTruthy();
  second.unmount();
  const reasons = { quality: "It has no scale in mV." };
  show(<MeasurementsTable data={{ ...measured, quality: null, reasons }} missing={[]} />);
  expect(screen.getByText("Signal quality not assessed")).toBeTruthy();
  expect(screen.getByText("It has no scale in mV.")).toBeTruthy();
});

test("our values stand beside the device's, and a difference beyond what two devices may have is marked", () => {
  const compared = [
    { name: "heart_rate", unit: "1/min", ours: 56.4, device: 56, difference: 0.4, differs: false },
    { name: "qrs", unit: "ms", ours: 105.6, device: 136, difference: -30.4, differs: true },
    { name: "pr", unit: "ms", ours: null, device: 160, difference: null, differs: null },
  ];
  show(<MeasurementsTable data={{ ...measured, compared }} missing={[]} />);
  expect(row("Heart rate")).toEqual(["56/min", "56/min", "0/min"]);
  expect(row("QRS")).toEqual(["106 ms", "136 ms", "−30 ms"]);
  expect(row("PR")).toEqual(["–", "160 ms", "–"]);
  const chips = screen.getByRole("table", { name: "Our measurements beside the device's" }).querySelectorAll(".chip");
  expect([...chips].map((chip) => chip.textContent)).toEqual(["−30 ms"]);
});

test("without values of a device there is no table of comparison", () => {
  const compared = [{ name: "qrs", unit: "ms", ours: 105.6, device: null, difference: null, differs: null }];
  show(<MeasurementsTable data={{ ...measured, compared }} missing={[]} />);
  expect(screen.queryByRole("table", { name: "Our measurements beside the device's" })).toBeNull();
});
