import { expect, test } from "vitest";
import { plain } from "./plotly";

test("a label that looks like HTML is shown as it is, wherever it stands", () => {
  const label = '<a href="https://evil.example">NORM</a> & co';
  const shown = '&lt;a href="https://evil.example"&gt;NORM&lt;/a&gt; &amp; co';
  expect(plain([{ type: "bar", x: [label, "MI"], y: [1, 2], name: label }])).toEqual([
    { type: "bar", x: [shown, "MI"], y: [1, 2], name: shown },
  ]);
  expect(plain({ yaxis: { ticktext: [label] }, annotations: [{ text: `${label}<br>+0.5` }] })).toEqual({
    yaxis: { ticktext: [shown] },
    annotations: [{ text: `${shown}<br>+0.5` }],
  });
});

test("numbers, typed arrays and our own templates stay as they are", () => {
  const z = new Float32Array([1, 2]);
  const trace = { z, hovertemplate: "is %{y}<br>called %{x}<extra></extra>", visible: true, text: null };
  expect(plain(trace)).toEqual(trace);
  expect(plain(trace).z).toBe(z);
});
