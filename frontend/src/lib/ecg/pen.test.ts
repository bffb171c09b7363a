import { expect, test } from "vitest";
import { Recorder } from "@/test/canvas";
import { drawBeats, drawGrid } from "./draw";
import { VectorPen } from "./pen";

test("vectors stand where a canvas has its lines", () => {
  const beat = Float32Array.of(0, 1, Number.NaN, -0.5, 0.25);
  const place = { x: 7, baseline: 20, middle: 0, rate: 100, speed: 50, gain: 10, scale: 20 };
  const canvas = new Recorder();
  const vectors = new VectorPen(400, 400);
  drawBeats(canvas, [beat], place, { colour: "#123456", width: 0.25 });
  drawBeats(vectors, [beat], place, { colour: "#123456", width: 0.25 });
  const d = canvas.strokes.map(({ points }) => `M${points.map(([x, y]) => `${x} ${y}`).join("L")}`).join("");
  expect(vectors.shapes).toEqual([{ kind: "line", d, stroke: "#123456", width: 5 }]);
});

test("the grid is one shape a colour", () => {
  const vectors = new VectorPen(200, 100);
  drawGrid(vectors, 20);
  expect(vectors.shapes.map((shape) => shape.kind)).toEqual(["area", "area", "area"]);
  expect(vectors.shapes[2]).toMatchObject({ d: expect.stringContaining("M100 0h3v100h-3z") }); // 5 mm
});

test("letters keep their place, and their light rim is left out", () => {
  const vectors = new VectorPen(100, 100);
  vectors.font = "600 10px system-ui";
  vectors.fillStyle = "#000";
  vectors.textAlign = "center";
  vectors.strokeText();
  vectors.fillText("aVR", 30, 40);
  const letters = {
    kind: "text",
    text: "aVR",
    x: 30,
    y: 40,
    font: "600 10px system-ui",
    anchor: "middle",
    fill: "#000",
  };
  expect(vectors.shapes).toEqual([letters]);
});
