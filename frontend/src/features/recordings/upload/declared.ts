/** What the person says about files that do not say it themselves: rate, unit, order of the leads, what to keep. */

import { t } from "@lingui/core/macro";
import type { Preview } from "@/api/types";
import { LEADS } from "@/lib/ecg/leads";
import { decimal } from "@/lib/format";

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
  { value: LEADS.join(","), label: t`I II III aVR aVL aVF V1–V6, also of channels that are only numbered` },
  // Not translated: names of leads and of a data set
  { value: "I,II,III,aVF,aVR,aVL,V1,V2,V3,V4,V5,V6", label: "I II III aVF aVR aVL V1–V6 (MIMIC-IV)" },
  { value: "aVL,I,aVR,II,aVF,III,V1,V2,V3,V4,V5,V6", label: t`aVL I aVR II aVF III V1–V6 (Cabrera, aVR not inverted)` },
  { value: "I,II,V1,V2,V3,V4,V5,V6", label: t`I II V1–V6 (eight leads, the rest derived)` },
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

/** A declaration with which a refused file could be read. */
export type Offer = Preview["offers"][number];

/** What is declared, with what an offer says put in its place. */
export function withOffer(declared: Declared, offer: Offer): Declared {
  const { rate, units_per_mv: unitsPerMv, unit, leads, partial, raw } = offer;
  return {
    ...declared,
    ...(rate != null && { rate }),
    ...(unitsPerMv != null && scaleOf(unitsPerMv)),
    ...(unit === "arbitrary" && { scale: "arbitrary" as const }),
    ...(leads != null && { leads }),
    ...(partial != null && { partial }),
    ...(raw != null && { raw }),
  };
}

/** An offer in the words of the form. */
export function offerText({ rate, units_per_mv: unitsPerMv, unit, leads, partial, raw }: Offer): string {
  if (rate != null) return decimal(`${rate} Hz`);
  if (unitsPerMv != null)
    return { 1: "mV", 1000: "µV" }[unitsPerMv] ?? t`${{ n: decimal(String(unitsPerMv)) }} units per mV`;
  if (unit === "arbitrary") return t`Normalised, without a scale`;
  if (leads != null) return t`In the order ${{ leads: leads.replaceAll(",", " ") }}`;
  if (partial) return t`For viewing only, with the leads it has`;
  if (raw) return t`Bare 16-bit samples`;
  return "";
}

function scaleOf(unitsPerMv: number): Pick<Declared, "scale" | "unitsPerMv"> {
  return { scale: unitsPerMv === 1 ? "mV" : unitsPerMv === 1000 ? "uV" : "custom", unitsPerMv };
}
