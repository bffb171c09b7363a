/** What the person says about files that state neither sampling rate nor unit. */

export type Scale = "uV" | "mV" | "custom" | "arbitrary";
export type Declared = { rate: number; scale: Scale; unitsPerMv: number };

/** As most exports have it, and as the original platform assumed. */
export const USUAL: Declared = { rate: 500, scale: "uV", unitsPerMv: 1000 };

/** The form fields of an upload. */
export function declaredFields({ rate, scale, unitsPerMv }: Declared): [string, string][] {
  const fields: [string, string][] = [["rate", String(rate)]];
  if (scale === "arbitrary") return [...fields, ["unit", "arbitrary"]];
  const units = { uV: 1000, mV: 1, custom: unitsPerMv }[scale];
  return [...fields, ["unit", "mV"], ["units_per_mv", String(units)]];
}
