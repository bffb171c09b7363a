import { expect, test } from "vitest";
import { bandOf } from "./geometry";
import { layOut } from "./layout";
import { boxesOf, placeAt } from "./overlay";

const paper = (layout: "3x4+1" | "12x1" | "cabrera", start = 0) => ({
  mm: 4,
  page: layOut(layout, 10, 25),
  start,
  speed: 25,
});

test("a stretch lies on its lead at its time, also in the rhythm strip", () => {
  const sheet = paper("3x4+1");
  const boxes = boxesOf(sheet, { from_ms: 1000, to_ms: 1400, leads: ["II"] });
  const cells = sheet.page.cells.filter(({ name }) => name === "II");
  // II stands in the second row from 0 to 2.5 s, and below as the rhythm strip.
  expect(cells.map(({ row }) => row)).toEqual([1, 3]);
  expect(boxes.map(({ x, width }) => [x, Math.round(width)])).toEqual([
    [(sheet.page.left + 25) * 4, 0.4 * 25 * 4],
    [(sheet.page.left + 25) * 4, 0.4 * 25 * 4],
  ]);
  expect(boxes.map(({ y, height }) => ({ top: y, bottom: y + height }))).toEqual(
    cells.map((cell) => bandOf(sheet, cell)),
  );
});

test("a stretch is cut at the edges of what is shown, and gone beyond them", () => {
  const sheet = paper("3x4+1");
  const [box] = boxesOf(sheet, { from_ms: 2400, to_ms: 5100, leads: ["aVR"] }); // shown from 2.5 to 5 s
  expect(box).toMatchObject({ x: (sheet.page.left + 62.5) * 4, width: 62.5 * 4 });
  expect(boxesOf(sheet, { from_ms: 0, to_ms: 2400, leads: ["aVR"] })).toEqual([]);
  const later = paper("12x1", 3);
  expect(boxesOf(later, { from_ms: 0, to_ms: 3500, leads: ["V6"] })[0]).toMatchObject({
    x: later.page.left * 4,
    width: 50,
  });
});

test("a stretch on aVR lies on it also where it is drawn upside down", () => {
  const sheet = paper("cabrera");
  const upside = sheet.page.cells.find(({ inverted }) => inverted);
  if (!upside) throw new Error("Cabrera shows -aVR");
  const boxes = boxesOf(sheet, { from_ms: 0, to_ms: 10_000, leads: ["aVR"] });
  expect(boxes.map(({ y }) => y)).toContain(bandOf(sheet, upside).top);
});

test("a point on the paper is the lead and time that a stretch there would be drawn at", () => {
  for (const layout of ["3x4+1", "12x1"] as const) {
    const sheet = paper(layout, 1);
    for (const lead of ["I", "aVF", "V3"]) {
      const [box] = boxesOf(sheet, { from_ms: 1000, to_ms: 11_000, leads: [lead] });
      if (!box) throw new Error(`${lead} is not shown`);
      const at = placeAt(sheet, box.x + box.width / 2, box.y + box.height / 2);
      expect(at?.lead).toBe(lead);
      const [again] = boxesOf(sheet, { from_ms: at?.ms ?? 0, to_ms: 11_000, leads: [lead] });
      expect(again?.x).toBeCloseTo(box.x + box.width / 2, 0);
    }
    expect(placeAt(sheet, 1, 50)).toBeUndefined();
  }
});
