/** The part of Plotly that the page uses. */

import { language } from "@/language/language";

export type PlotlyTrace = Record<string, unknown>;
export type PlotlyLayout = Record<string, unknown>;
export type Plotly = {
  react(place: HTMLElement, traces: PlotlyTrace[], layout: PlotlyLayout, config: object): Promise<unknown>;
  purge(place: HTMLElement): void;
  Plots: { resize(place: HTMLElement): void };
};

/** How charts write numbers: the sign before the decimals, and the one between thousands. */
export const separators = (): string => (language() === "de" ? ",." : ".,");

/** Texts in which our own charts use Plotly's marks; labels get into them only as %{x} and the like. */
const TEMPLATES = new Set(["hovertemplate", "texttemplate"]);

/**
 * Traces or a layout in which every text is shown as it is. Plotly reads texts as HTML of a kind: a label such as
 * `<a href="…">` would become a link. Only line breaks keep their meaning.
 */
export function plain<T>(value: T): T {
  if (typeof value === "string") {
    const escaped = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    return escaped.replaceAll("&lt;br&gt;", "<br>") as T;
  }
  if (Array.isArray(value)) return value.map(plain) as T;
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, TEMPLATES.has(key) ? item : plain(item)]);
  return Object.fromEntries(entries) as T;
}
