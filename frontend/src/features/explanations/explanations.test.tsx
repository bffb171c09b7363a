import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { ExplanationMap, ExplanationResult } from "@/api/types";
import { show } from "@/test/render";
import { stretchesOf } from "./BeatMap";
import { MapView } from "./MapView";
import { painted, paintOf, signed } from "./strength";

const LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];
const cells = LEADS.map((lead) => (lead === "V3" ? [0.1, 2] : lead === "V1" ? [0, -1] : [0, 0]));
const control = {
  evidence: true,
  stands_out: 30,
  strongest: 6,
  n_networks: 21,
  n_as_strong: 0,
  text: "It stands out.",
};
const waves: ExplanationMap = {
  method: "waves",
  text: "Without the T wave in lead V3 the probability of MI goes from 90 % to 20 %.",
  control,
  lead: "V3",
  wave: "T",
  totals: [0.1, 1],
  cells,
  outputs: [0.9, 0.4],
  cell_outputs: cells.map((row) => row.map((value) => (value === 2 ? 0.2 : 0.9))),
  on_beat: null,
  gap: null,
};
const result: ExplanationResult = {
  label: "MI",
  label_name: "MI",
  score: 2.2,
  output: 0.9,
  regression: false,
  leads: LEADS,
  waves: ["QRS", "T"],
  maps: [waves],
  beat: null,
  spans: [
    { from_ms: 100, to_ms: 200, wave: "QRS" },
    { from_ms: 300, to_ms: 450, wave: "T" },
    { from_ms: 450, to_ms: 900, wave: "P" },
  ],
  notes: [],
  missing: {},
  nearest: null,
};

function showMap(map: ExplanationMap) {
  const drawn: number[] = [];
  show(
    <MapView
      result={{ ...result, maps: [map] }}
      projectId="p"
      recordingId="r"
      show={({ stretches }) => {
        drawn.push(stretches.length);
        return <div>tracing</div>;
      }}
    />,
  );
  return drawn;
}

test("a map that passes is told in words, in numbers with their sign, and drawn", () => {
  const drawn = showMap(waves);
  expect(screen.getByRole("status").textContent).toContain("Without the T wave in lead V3");
  expect(screen.getByRole("table", { name: "Effects by lead and wave" }).textContent).toContain("V3+0.10");
  expect(screen.getByText("−1.00")).toBeTruthy();
  expect(screen.getByText(/never a finding about the patient/)).toBeTruthy();
  expect(drawn[0]).toBe(24);
});

test("a map that fails its control is not shown: no words, no numbers, nothing drawn", () => {
  const drawn = showMap({ ...waves, text: "", control: { ...control, evidence: false, text: "It shows nothing." } });
  expect(screen.getByText("The map is not shown: it fails its control")).toBeTruthy();
  expect(screen.getByText("It shows nothing.")).toBeTruthy();
  expect(screen.queryByRole("table")).toBeNull();
  expect(drawn[0]).toBe(0);
});

test("each wave is painted in each lead by its share of the strongest, with its sign", () => {
  const found = painted(waves, LEADS, result.waves, result.spans);
  const at = (lead: string, from: number) => found.find((one) => one.leads[0] === lead && one.from_ms === from)?.share;
  expect(at("V3", 300)).toBe(1);
  expect(at("V1", 300)).toBe(-0.5);
  expect(at("V3", 100)).toBeCloseTo(0.05);
  expect(found.some(({ from_ms }) => from_ms === 450)).toBe(false);
  expect(paintOf(0.05)).toBeNull();
  expect(paintOf(-0.5)?.side).toBe("against");
});

test("neighbouring samples of a beat are painted together, the sides apart", () => {
  const found = stretchesOf([0, 1, 1, -1, -1, null, 1], 1);
  expect(found.map(({ from, to, side }) => [from, to, side])).toEqual([
    [1, 3, "for"],
    [3, 5, "against"],
    [6, 7, "for"],
  ]);
});

test("numbers say their sign, and nothing is nothing", () => {
  expect([signed(1.234), signed(-0.5), signed(0.001), signed(null)]).toEqual(["+1.23", "−0.50", "0.00", "–"]);
});
