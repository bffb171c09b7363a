import { expect, test } from "vitest";
import { LEADS } from "@/lib/ecg/leads";
import { declaredFields, offerText, USUAL, withOffer } from "./declared";

test("an offer becomes what is declared, and reaches the server as such", () => {
  expect(withOffer(USUAL, { rate: 250 })).toEqual({ ...USUAL, rate: 250 });
  expect(withOffer(USUAL, { units_per_mv: 1 }).scale).toBe("mV");
  expect(withOffer(USUAL, { units_per_mv: 200 })).toMatchObject({ scale: "custom", unitsPerMv: 200 });
  expect(declaredFields(withOffer(USUAL, { unit: "arbitrary" }))).toContainEqual(["unit", "arbitrary"]);
  expect(declaredFields(withOffer(USUAL, { leads: LEADS.join(",") }))).toContainEqual(["leads", LEADS.join(",")]);
  expect(declaredFields(withOffer(USUAL, { partial: true }))).toContainEqual(["partial", "true"]);
});

test("an offer is told in the words of the form", () => {
  expect(
    [
      { rate: 250 },
      { units_per_mv: 1000 },
      { units_per_mv: 200 },
      { unit: "arbitrary" as const },
      { leads: "I,II" },
    ].map(offerText),
  ).toEqual(["250 Hz", "µV", "200 units per mV", "Normalised, without a scale", "In the order I II"]);
});
