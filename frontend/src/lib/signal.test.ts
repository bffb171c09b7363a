import { expect, test } from "vitest";
import { decodeBase64Signal, decodeSignal, isEmpty, missingLeads } from "./signal";

function encode(header: object, samples: number[]): ArrayBuffer {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const buffer = new ArrayBuffer(4 + json.length + 2 * samples.length);
  const view = new DataView(buffer);
  view.setUint32(0, json.length, true);
  new Uint8Array(buffer, 4).set(json);
  samples.forEach((value, index) => {
    view.setInt16(4 + json.length + 2 * index, value, true);
  });
  return buffer;
}

const HEADER = { rate: 500, n_samples: 3, leads: ["I", "II"], unit: "mV", step: [0.001, 0.005] };

test("samples become mV with the step of their lead", () => {
  const signal = decodeSignal(encode(HEADER, [1000, -1000, 0, 200, -200, 32767]));
  expect(signal.rate).toBe(500);
  expect(signal.leads).toEqual(["I", "II"]);
  expect(signal.samples[0]).toEqual(Float32Array.of(1, -1, 0));
  expect(signal.samples[1]?.[1]).toBeCloseTo(-1, 6);
  expect(signal.samples[1]?.[2]).toBeCloseTo(163.835, 3);
});

test("the smallest integer stands for a missing sample", () => {
  const signal = decodeSignal(encode(HEADER, [1, -32768, 2, 0, 0, -32767]));
  expect(signal.samples[0]?.[1]).toBeNaN();
  expect(signal.samples[1]?.[2]).toBeCloseTo(-163.835, 3);
});

test("a header of odd length is read all the same", () => {
  for (const name of ["II", "aVR", "V1a"]) {
    const signal = decodeSignal(encode({ ...HEADER, leads: ["I", name] }, [1, 2, 3, 4, 5, 6]));
    expect([...(signal.samples[1] ?? [])].map((value) => Math.round(value / 0.005))).toEqual([4, 5, 6]);
  }
});

test("a tracing that is cut off is refused", () => {
  const whole = encode(HEADER, [1, 2, 3, 4, 5, 6]);
  expect(() => decodeSignal(whole.slice(0, whole.byteLength - 2))).toThrow("samples are missing");
  expect(() => decodeSignal(whole.slice(0, 20))).toThrow("header is cut off");
  expect(() => decodeSignal(new ArrayBuffer(2))).toThrow("no header");
});

test("a header that contradicts itself is refused", () => {
  expect(() => decodeSignal(encode({ ...HEADER, step: [1] }, [1, 2, 3, 4, 5, 6]))).toThrow("unreadable header");
  expect(() => decodeSignal(encode({ ...HEADER, rate: 0 }, [1, 2, 3, 4, 5, 6]))).toThrow("unreadable header");
});

test("a recording without a scale stays without one", () => {
  expect(decodeSignal(encode({ ...HEADER, unit: "arbitrary" }, [1, 2, 3, 4, 5, 6])).unit).toBe("arbitrary");
  expect(decodeSignal(encode(HEADER, [1, 2, 3, 4, 5, 6])).unit).toBe("mV");
  expect(() => decodeSignal(encode({ ...HEADER, unit: "uV" }, [1, 2, 3, 4, 5, 6]))).toThrow("unreadable header");
});

test("a lead is missing where it has no sample at all, and a recording is empty where each lead is missing", () => {
  const none = -32768;
  const gap = decodeSignal(encode(HEADER, [1, none, 3, none, none, none]));
  expect(missingLeads(gap)).toEqual(["II"]);
  expect(isEmpty(gap)).toBe(false);
  expect(isEmpty(decodeSignal(encode(HEADER, Array(6).fill(none))))).toBe(true);
});

test("a tracing that came as base64 is the same", () => {
  const buffer = encode(HEADER, [1000, -1000, 0, 200, -200, 32767]);
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  expect(decodeBase64Signal(text)).toEqual(decodeSignal(buffer));
});
