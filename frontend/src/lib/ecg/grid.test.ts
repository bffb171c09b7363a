import { expect, test, vi } from "vitest";
import { Recorder } from "@/test/canvas";
import { keptGrid } from "./grid";

type Context = CanvasRenderingContext2D;

const sheet = (width: number, height: number) => {
  const recorder = Object.assign(new Recorder(width, height), { drawImage: vi.fn() });
  return { recorder, context: recorder as unknown as Context, lines: () => recorder.fills.length };
};

test("paper is drawn for the first frame, and copied for those that follow", () => {
  const copies: Recorder[] = [];
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(function (this: HTMLCanvasElement) {
    const copy = new Recorder(this.width, this.height);
    copies.push(copy);
    return copy as unknown as null;
  });
  const grid = keptGrid();
  const { recorder, context, lines } = sheet(400, 200);
  grid(context, 4);
  const drawn = lines();
  expect(drawn).toBeGreaterThan(100);
  expect(recorder.drawImage).not.toHaveBeenCalled();
  for (let frame = 0; frame < 3; frame++) grid(context, 4);
  expect(lines()).toBe(drawn);
  expect(recorder.drawImage).toHaveBeenCalledTimes(3);
  expect(copies.map((copy) => copy.fills)).toEqual([recorder.fills]);
});

test("paper of another size, or another scale, is drawn anew", () => {
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(new Recorder(1, 1) as unknown as null);
  const grid = keptGrid();
  const first = sheet(400, 200);
  grid(first.context, 4);
  grid(first.context, 4);
  const wider = sheet(500, 200);
  grid(wider.context, 4);
  expect(wider.recorder.drawImage).not.toHaveBeenCalled();
  grid(wider.context, 5);
  expect(wider.recorder.drawImage).not.toHaveBeenCalled();
  expect(wider.lines()).toBeGreaterThan(200);
});

test("where no second sheet is to be had, paper is drawn each time", () => {
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  const grid = keptGrid();
  const { context, lines } = sheet(400, 200);
  grid(context, 4);
  const once = lines();
  grid(context, 4);
  expect(lines()).toBe(2 * once);
});
