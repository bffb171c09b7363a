import type { DriftResult } from "@/api/types";
import type { IconName } from "@/components/icons";
import type { Tone } from "@/components/Note";

type Shown = { tone: Tone; icon: IconName; short: string; title: string };

/** How a verdict looks: a tone, and words that carry the meaning alone. */
export const VERDICTS: Record<DriftResult["verdict"], Shown> = {
  alike: { tone: "good", icon: "check", short: "Alike", title: "No difference was found" },
  different: { tone: "warn", icon: "alert", short: "Different", title: "These ECGs are different" },
  "very different": { tone: "bad", icon: "alert", short: "Very different", title: "These ECGs are very different" },
  "too few": { tone: "info", icon: "info", short: "Too few to say", title: "Too few patients to say" },
};

const NAMES: Record<string, [string, string]> = {
  heart_rate: ["Heart rate", "/min"],
  noise: ["Noise", "µV"],
  wander: ["Baseline wander", "mV"],
  mains: ["Mains hum", "µV"],
  bandwidth: ["Bandwidth", "Hz"],
  slow: ["Power below 5 Hz", "share"],
};

/** "amplitude_V2" -> ["Amplitude in V2", "mV"]. */
export function statistic(name: string): [string, string] {
  const known = NAMES[name];
  if (known) return known;
  const [kind, first = "", second = ""] = name.split("_");
  return kind === "amplitude" ? [`Amplitude in ${first}`, "mV"] : [`Correlation of ${first} and ${second}`, ""];
}

/** How large a shift is, by the usual marks of the population stability index. */
export function sizeOf(psi: number): string {
  if (psi < 0.1) return "none to speak of";
  return psi < 0.25 ? "moderate" : "large";
}

const FLAGS: Record<string, string> = {
  flat_lead: "A flat lead",
  limb_swap: "Limb electrodes seem interchanged",
  inconsistent: "Limb leads do not fit each other (I + III = II)",
  missing_samples: "Missing samples",
};

export const flagText = (name: string) => FLAGS[name] ?? name.replaceAll("_", " ");
