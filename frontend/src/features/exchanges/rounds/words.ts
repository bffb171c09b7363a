/** What is said of federated rounds. */

import type { Round, RoundSite } from "@/api/types";
import type { IconName } from "@/components/icons";
import type { Tone } from "@/components/Note";
import { count, percent } from "@/lib/format";

export const STATES: Record<Round["state"], { tone: Tone; icon: IconName; text: string }> = {
  open: { tone: "info", icon: "play", text: "Open" },
  closed: { tone: "warn", icon: "clock", text: "Deadline has passed" },
  merged: { tone: "good", icon: "check", text: "Merged" },
  undone: { tone: "calm", icon: "stop", text: "Undone" },
};

/** How far single sites are protected, in a sentence that promises nothing that is not so. */
export function privacyText(round: Round): string {
  const clip = `Changes are clipped at a length of ${round.rules.clip_norm}; one site counts at most ${percent(round.rules.largest_share)}.`;
  if (round.epsilon_a_round === null) {
    return `${clip} No noise is added: there is no guarantee that a contribution tells nothing of a site's recordings.`;
  }
  const where =
    round.rules.noise_at === "site"
      ? "Each site adds noise before it sends anything"
      : "The coordinator adds noise to the mean; contributions themselves can be read by whoever reads the folder";
  const spent = round.epsilon_spent === null ? "" : `, ${small(round.epsilon_spent)} in all rounds so far`;
  return `${clip} ${where}: ε = ${small(round.epsilon_a_round)} for a site in this round${spent}, at δ = ${round.rules.delta}.`;
}

/** What there is to do next, and for whom. */
export function nextStep(round: Round): string {
  const own = round.sites.find((site) => site.own);
  const waiting = round.sites.filter((site) => site.joined && !site.has_contributed).length;
  switch (round.state) {
    case "undone":
      return "Nothing of it counts. The next round starts from an earlier version.";
    case "merged":
      return "Fetch the new version, evaluate it on your recordings, or start the next round from it.";
    case "closed":
      return round.own ? "Merge what was sent, or undo the round." : "It waits for its coordinator.";
  }
  if (!own?.joined) return round.own ? "Take part yourself, and tell the other sites." : "Take part to contribute.";
  if (!round.base.held_by) return `Fetch ${round.slug}, version ${round.base.version}, from this exchange first.`;
  if (!own.has_contributed) return "Fine-tune the base model on your recordings, then contribute the result.";
  if (round.own)
    return waiting > 0
      ? `${count(waiting, "site has", "sites have")} not contributed yet.`
      : "Everybody has contributed.";
  return "You have contributed. It waits for the other sites and its coordinator.";
}

/** What became of a site's contribution, or how far it is. */
export function siteText(site: RoundSite, merged: boolean): { tone: Tone; text: string } {
  if (site.fault) return { tone: "bad", text: `does not count: ${site.fault}` };
  if (site.fate?.left_out) return { tone: "bad", text: `left out: ${site.fate.left_out}` };
  if (site.fate) return { tone: "good", text: `${percent(site.fate.share)} of the mean` };
  if (site.has_contributed) return { tone: merged ? "warn" : "good", text: merged ? "came too late" : "contributed" };
  return { tone: "calm", text: merged ? "did not contribute" : "has joined" };
}

function small(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
