/** Numbers and dates as people read them, by the rules of the language. */

import { plural, t } from "@lingui/core/macro";
import { region } from "@/language/language";

/** A number with so many decimals, never grouped: 0.8312 -> "0.831", in German "0,831". */
export function fixed(value: number, digits = 0): string {
  return decimal(value.toFixed(digits));
}

/** A number that is written in English already, in the language: "1.50e-7" -> "1,50e-7" in German. */
export function decimal(text: string): string {
  return region() === "de-DE" ? text.replace(".", ",") : text;
}

/** A text of the platform as the beginning of a sentence: "this recording …" -> "This recording …". */
export function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase(region()) + text.slice(1);
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  const units = ["KB", "MB", "GB", "TB"];
  let value = n / 1024;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${fixed(value, value < 10 ? 1 : 0)} ${units[unit]}`;
}

export function seconds(s: number): string {
  if (s < 59.5) return `${decimal(String(Number(s.toFixed(s < 10 ? 1 : 0))))} s`;
  const whole = Math.round(s);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Time left, said no more exactly than it is known. */
export function timeLeft(s: number): string {
  if (s < 10) return t`a few seconds left`;
  if (s < 90) return t`about ${Math.round(s / 10) * 10} s left`;
  if (s < 5400) return t`about ${Math.round(s / 60)} min left`;
  return t`about ${fixed(s / 3600, 1)} h left`;
}

type Unit = "seconds" | "minutes" | "hours";

/** A span of time, said no more exactly than it can be estimated: the number and its unit. */
function span(s: number): [number, Unit] {
  if (s < 55) return [Math.max(10, Math.round(s / 10) * 10), "seconds"];
  if (s < 3600 * 1.5) return [Math.round(s / 60), "minutes"];
  return [Number((s / 3600).toFixed(s < 36_000 ? 1 : 0)), "hours"];
}

function spanText(n: number, unit: Unit): string {
  if (unit === "seconds") return t`${n} seconds`;
  if (unit === "minutes") return plural(n, { one: "# minute", other: "# minutes" });
  return plural(n, { one: "# hour", other: "# hours" });
}

/** How long something will likely take and at most: "about 3 minutes; at most 8". */
export function timeRange(likely: number, most: number): string {
  const [n, unit] = span(likely);
  const [limit, limitUnit] = span(Math.max(likely, most));
  if (n === limit && unit === limitUnit) return t`about ${spanText(n, unit)}`;
  const longest = unit === limitUnit ? decimal(String(limit)) : spanText(limit, limitUnit);
  return t`about ${spanText(n, unit)}; at most ${longest}`;
}

export function hertz(rate: number): string {
  return `${decimal(String(Number(rate.toFixed(2))))} Hz`;
}

export function dateTime(iso: string): string {
  return new Intl.DateTimeFormat(region(), { dateStyle: "medium", timeStyle: "short" }).format(parseUtc(iso));
}

/** The server writes UTC; where it states no zone, the browser must not take it for local time. */
export function parseUtc(iso: string): Date {
  return new Date(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`);
}

/** 0.8312 -> "0.831"; null and NaN -> "–". */
export function score(value: number | null | undefined, digits = 3): string {
  return value === null || value === undefined || Number.isNaN(value) ? "–" : fixed(value, digits);
}

export function percent(value: number, digits = 0): string {
  return `${fixed(100 * value, digits)} %`;
}

/** A share as per cent without trailing zeros: 0.1 -> "10 %", 0.0025 -> "0.25 %". */
export function percentPlain(value: number, digits = 2): string {
  return `${decimal(String(Number((100 * value).toFixed(digits))))} %`;
}

/** The decimals of a share between 0 and 1 (F1, AUROC, sensitivity …) that was measured on n recordings. */
export function digitsOfShare(n: number): number {
  return n < 1000 ? 2 : 3;
}

/** The decimals of a per cent that was measured on n patients. */
export function digitsOfPercent(n: number): number {
  return n < 100 ? 0 : 1;
}

/** With how many decimals of a per cent one sees on which side of its threshold a probability lies. */
export function digitsApart(probability: number, threshold: number): number {
  let digits = 0;
  while (probability !== threshold && digits < 3 && percent(probability, digits) === percent(threshold, digits)) {
    digits++;
  }
  return digits;
}

/** A setting's value in a table of facts. */
export function plain(value: unknown): string {
  if (value === null || value === undefined) return t`automatic`;
  if (typeof value === "boolean") return value ? t`yes` : t`no`;
  if (typeof value === "number") return decimal(String(Number(value.toPrecision(6))));
  if (typeof value === "string") return value.replaceAll("_", " ");
  if (Array.isArray(value)) return value.map(plain).join(", ");
  return Object.entries(value as Record<string, unknown>)
    .map(([key, item]) => `${key.replaceAll("_", " ")}: ${plain(item)}`)
    .join("; ");
}

/** How many decimals values of this spread deserve: three significant digits of the standard deviation. */
export function decimals(sd: number | null): number {
  if (!sd || !Number.isFinite(sd)) return 2;
  return Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(sd)))));
}

/** -0.42 -> "−0.42", with the sign for minus; what is rounded to nothing has no sign. */
export function signed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return decimal(Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−"));
}

/** A single predicted value, of whose spread nothing is known: four significant digits. */
export function valueText(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const text = Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(4);
  return decimal(text.replace("-", "−"));
}
