import { hertz, plain } from "./format";

/** What was declared for files that do not say it themselves, in words; the keys are those of an upload. */
export function declaredText(declared: Readonly<Record<string, unknown>>): string {
  return Object.entries(declared)
    .map(([key, value]) => {
      if (key === "rate" && typeof value === "number") return hertz(value);
      if (key === "units_per_mv") return `${plain(value)} ${value === 1 ? "unit" : "units"} per mV`;
      if (key === "unit") return value === "mV" ? "" : "not calibrated";
      if (key === "leads") return `lead order ${Array.isArray(value) ? value.join(" ") : plain(value)}`;
      if (key === "partial") return value ? "recordings with missing leads kept" : "";
      if (key === "raw") return value ? "files without a header contain 16-bit samples" : "";
      return `${key.replaceAll("_", " ")} ${plain(value)}`;
    })
    .filter((text) => text !== "")
    .join(", ");
}
