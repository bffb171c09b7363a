import { expect, test } from "vitest";
import type { System } from "@/api/types";
import { defaultDeclaration, defaultsOf, kindOf, needsUnit, toFields } from "./declaration";

const system = {
  presets: [
    { name: "exchangeai", value: { standardise: "none" } },
    { name: "clinical", value: { standardise: "lead" } },
  ],
  architectures: [
    { name: "s4", recommended: false, preprocessing: { preset: "exchangeai" } },
    { name: "inception_time", recommended: true, preprocessing: { preset: "clinical", rate: 100 } },
    { name: "ecg_fm", recommended: false, preprocessing: { preset: "clinical", rate: 500 } },
  ],
} as unknown as System;

test("the kind of a model is told by the end of its file's name", () => {
  expect(kindOf("A model.ZIP")).toBe("package");
  expect(kindOf("net.v2.onnx")).toBe("onnx");
  expect(["w.safetensors", "w.pt", "w.pth"].map(kindOf)).toEqual(["weights", "weights", "weights"]);
  expect(kindOf("table.csv")).toBeNull();
});

test("a file that says all by itself is sent with its name alone", () => {
  expect(toFields(" Mine ", "package", null, system)).toEqual({ name: "Mine" });
});

test("labels are sent as a list, so that one may hold a comma", () => {
  const declared = { ...defaultDeclaration(system, "onnx"), labels: " NORM \n\nMI, old\n" };
  expect(toFields("a", "onnx", declared, system)).toMatchObject({
    labels: '["NORM","MI, old"]',
    preset: "exchangeai",
    rate: "100",
    units_per_mv: "1",
    architecture: "",
  });
});

test("the unit is asked for only where it matters", () => {
  expect(needsUnit(system, "exchangeai")).toBe(true);
  expect(needsUnit(system, "clinical")).toBe(false);
  const declared = { ...defaultDeclaration(system, "weights"), unitsPerMv: "1000" };
  expect(toFields("a", "weights", declared, system)).toMatchObject({
    units_per_mv: "",
    architecture: "inception_time",
  });
});

test("weights get the sampling rate of their architecture", () => {
  const declared = { ...defaultDeclaration(system, "weights"), options: { depth: 3 } };
  expect(declared.rate).toBe(100);
  expect({ ...declared, ...defaultsOf(system, "ecg_fm") }).toMatchObject({ rate: 500, options: {} });
});

test("options of an architecture are sent with weights alone, and only those that differ from the default", () => {
  const declared = { ...defaultDeclaration(system, "weights"), options: { depth: 3 } };
  expect(toFields("a", "weights", declared, system).architecture_config).toBe('{"depth":3}');
  expect(toFields("a", "weights", { ...declared, options: {} }, system).architecture_config).toBe("");
  expect(toFields("a", "onnx", declared, system).architecture_config).toBe("");
});
