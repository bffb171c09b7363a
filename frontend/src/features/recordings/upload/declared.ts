/** What the person says about files that do not say it themselves: rate, unit, order of the leads, what to keep. */

import { LEADS } from "@/lib/ecg/leads";

export type Scale = "uV" | "mV" | "custom" | "arbitrary";
export type Declared = {
  rate: number; // Hz
  scale: Scale;
  unitsPerMv: number;
  /** Lead names in the order of unnamed channels; empty: the usual order. */
  leads: string;
  /** Keep recordings that lack leads, for viewing. */
  partial: boolean;
  /** Files without any header hold 16-bit samples. */
  raw: boolean;
};

/** Orders that devices and public data sets use where they name no leads. */
export const ORDERS: readonly { value: string; label: string }[] = [
  { value: "", label: LEADS.join(" ") },
  { value: "I,II,III,aVF,aVR,aVL,V1,V2,V3,V4,V5,V6", label: "I II III aVF aVR aVL V1–V6 (MIMIC-IV)" },
  { value: "aVL,I,aVR,II,aVF,III,V1,V2,V3,V4,V5,V6", label: "aVL I aVR II aVF III V1–V6 (Cabrera, aVR not inverted)" },
  { value: "I,II,V1,V2,V3,V4,V5,V6", label: "I II V1–V6 (eight leads, the rest derived)" },
];

/** As most exports have it, and as the original platform assumed. */
export const USUAL: Declared = { rate: 500, scale: "uV", unitsPerMv: 1000, leads: "", partial: false, raw: false };

/** The form fields of an upload. */
export function declaredFields({ rate, scale, unitsPerMv, leads, partial, raw }: Declared): [string, string][] {
  const fields: [string, string][] = [["rate", String(rate)]];
  if (scale === "arbitrary") fields.push(["unit", "arbitrary"]);
  else fields.push(["unit", "mV"], ["units_per_mv", String({ uV: 1000, mV: 1, custom: unitsPerMv }[scale])]);
  if (leads !== "") fields.push(["leads", leads]);
  if (partial) fields.push(["partial", "true"]);
  if (raw) fields.push(["raw", "true"]);
  return fields;
}
