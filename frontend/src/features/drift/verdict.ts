import { t } from "@lingui/core/macro";
import type { DriftResult } from "@/api/types";
import type { IconName } from "@/components/icons";
import type { Tone } from "@/components/Note";

type Shown = { tone: Tone; icon: IconName; short: string; title: string };

/** How a verdict looks: a tone, and words that carry the meaning alone. */
export const VERDICTS: Record<DriftResult["verdict"], Shown> = {
  alike: { tone: "good", icon: "check", short: t`Alike`, title: t`No difference was found` },
  different: { tone: "warn", icon: "alert", short: t`Different`, title: t`These ECGs are different` },
  // Not translated: the verdicts are words of the API.
  "very different": { tone: "bad", icon: "alert", short: t`Very different`, title: t`These ECGs are very different` },
  // Not translated: the same.
  "too few": { tone: "info", icon: "info", short: t`Too few to say`, title: t`Too few patients to say` },
};

const NAMES: Record<string, [string, string]> = {
  heart_rate: [t`Heart rate`, "/min"],
  noise: [t`Noise`, "µV"],
  wander: [t`Baseline wander`, "mV"],
  mains: [t`Mains hum`, "µV"],
  bandwidth: [t`Bandwidth`, "Hz"],
  slow: [t`Power below 5 Hz`, t`share`],
};

/** "amplitude_V2" -> ["Amplitude in V2", "mV"]. */
export function statistic(name: string): [string, string] {
  const known = NAMES[name];
  if (known) return known;
  const [kind, first = "", second = ""] = name.split("_");
  return kind === "amplitude" ? [t`Amplitude in ${first}`, "mV"] : [t`Correlation of ${first} and ${second}`, ""];
}

/** How large a shift is, by the usual marks of the population stability index. */
export function sizeOf(psi: number): string {
  if (psi < 0.1) return t`none to speak of`;
  return psi < 0.25 ? t`moderate` : t`large`;
}

const FLAGS: Record<string, string> = {
  flat_lead: t`A flat lead`,
  limb_swap: t`Limb electrodes seem interchanged`,
  inconsistent: t`Limb leads do not fit each other (I + III = II)`,
  missing_samples: t`Missing samples`,
};

export const flagText = (name: string) => FLAGS[name] ?? name.replaceAll("_", " ");
