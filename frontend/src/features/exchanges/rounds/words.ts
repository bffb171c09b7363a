/** What is said of federated rounds. */

import { plural, t } from "@lingui/core/macro";
import type { Round, RoundSite } from "@/api/types";
import type { IconName } from "@/components/icons";
import type { Tone } from "@/components/Note";
import { decimal, percent } from "@/lib/format";

export const STATES: Record<Round["state"], { tone: Tone; icon: IconName; text: string }> = {
  open: { tone: "info", icon: "play", text: t({ message: "Open", context: "round" }) },
  closed: { tone: "warn", icon: "clock", text: t`Deadline has passed` },
  merged: { tone: "good", icon: "check", text: t`Merged` },
  undone: { tone: "calm", icon: "stop", text: t({ message: "Undone", context: "round" }) },
};

/** How far single sites are protected, in a sentence that promises nothing that is not so. */
export function privacyText(round: Round): string {
  const { rules } = round;
  const clip = decimal(String(rules.clip_norm));
  const most = percent(rules.largest_share);
  const bounds = t`Changes are clipped at a length of ${clip}; one site counts at most ${most}.`;
  return `${bounds} ${noiseText(round)}`;
}

function noiseText({ rules, epsilon_a_round, epsilon_spent }: Round): string {
  if (epsilon_a_round === null)
    return t`No noise is added: there is no guarantee that a contribution tells nothing of a site's recordings.`;
  const [epsilon, delta] = [small(epsilon_a_round), decimal(String(rules.delta))];
  const cost =
    epsilon_spent === null
      ? t`ε = ${epsilon} for a site in this round, at δ = ${delta}`
      : t`ε = ${epsilon} for a site in this round, ${{ spent: small(epsilon_spent) }} in all rounds so far, at δ = ${delta}`;
  return rules.noise_at === "site"
    ? t`Each site adds noise before it sends anything: ${cost}.`
    : t`The coordinator adds noise to the mean; contributions themselves can be read by whoever reads the folder: ${cost}.`;
}

/** What there is to do next, and for whom. */
export function nextStep(round: Round): string {
  const own = round.sites.find((site) => site.own);
  const waiting = round.sites.filter((site) => site.joined && !site.has_contributed).length;
  switch (round.state) {
    case "undone":
      return t`Nothing of it counts. The next round starts from an earlier version.`;
    case "merged":
      return t`Fetch the new version, evaluate it on your recordings, or start the next round from it.`;
    case "closed":
      return round.own ? t`Merge what was sent, or undo the round.` : t`It waits for its coordinator.`;
  }
  if (!own?.joined) return round.own ? t`Take part yourself, and tell the other sites.` : t`Take part to contribute.`;
  if (!round.base.held_by)
    return t`Fetch ${{ model: round.slug }}, version ${{ version: round.base.version }}, from this exchange first.`;
  if (!own.has_contributed) return t`Fine-tune the base model on your recordings, then contribute the result.`;
  if (round.own)
    return waiting > 0
      ? plural(waiting, { one: "# site has not contributed yet.", other: "# sites have not contributed yet." })
      : t`Everybody has contributed.`;
  return t`You have contributed. It waits for the other sites and its coordinator.`;
}

/** What became of a site's contribution, or how far it is. */
export function siteText(site: RoundSite, merged: boolean): { tone: Tone; text: string } {
  if (site.fault) return { tone: "bad", text: t`does not count: ${{ reason: site.fault }}` };
  if (site.fate?.left_out) return { tone: "bad", text: t`left out: ${{ reason: site.fate.left_out }}` };
  if (site.fate) return { tone: "good", text: t`${{ share: percent(site.fate.share) }} of the mean` };
  if (site.has_contributed) return { tone: merged ? "warn" : "good", text: merged ? t`came too late` : t`contributed` };
  return { tone: "calm", text: merged ? t`did not contribute` : t`has joined` };
}

function small(value: number): string {
  return decimal(value >= 100 ? value.toFixed(0) : value.toPrecision(3));
}
