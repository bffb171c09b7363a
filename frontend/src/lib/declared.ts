import { plural, t } from "@lingui/core/macro";
import { hertz, plain } from "./format";

/** What was declared for files that do not say it themselves, in words; the keys are those of an upload. */
export function declaredText(declared: Readonly<Record<string, unknown>>): string {
  return Object.entries(declared)
    .map(([key, value]) => {
      if (key === "rate" && typeof value === "number") return hertz(value);
      if (key === "units_per_mv") return perMillivolt(value);
      if (key === "unit") return value === "mV" ? "" : t`not calibrated`;
      if (key === "leads") return leadOrder(Array.isArray(value) ? value.join(" ") : plain(value));
      if (key === "partial") return value ? t`recordings with missing leads kept` : "";
      if (key === "raw") return value ? t`files without a header contain 16-bit samples` : "";
      return `${key.replaceAll("_", " ")} ${plain(value)}`;
    })
    .filter((text) => text !== "")
    .join(", ");
}

function perMillivolt(value: unknown): string {
  const units = plain(value);
  return plural(Number(value), { one: `${units} unit per mV`, other: `${units} units per mV` });
}

const leadOrder = (leads: string) => t`lead order ${leads}`;
