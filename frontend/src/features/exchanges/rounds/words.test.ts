import { expect, test } from "vitest";
import type { Round, RoundSite } from "@/api/types";
import { nextStep, privacyText, siteText } from "./words";

const site = (changes: Partial<RoundSite> = {}): RoundSite => ({
  fingerprint: "aaaa",
  name: "Oslo",
  joined: "2030-01-01T00:00:00+00:00",
  has_contributed: false,
  recordings: null,
  patients: null,
  labels: {},
  fault: "",
  fate: null,
  own: false,
  ...changes,
});

const round = (changes: Partial<Round> = {}): Round => ({
  slug: "beats",
  number: 1,
  state: "open",
  title: "Beats together",
  coordinator: "Münster",
  fingerprint: "bbbb",
  own: false,
  created: "2030-01-01T00:00:00+00:00",
  deadline: "",
  base: {
    slug: "beats",
    version: 1,
    name: "Beats",
    sha256: "",
    model_sha256: "",
    weights_sha256: "",
    labels: ["AFIB"],
    held_by: "model",
  },
  rules: {
    clip_norm: 10,
    largest_share: 0.6,
    fewest_sites: 2,
    leave_out_odd: true,
    noise: 0,
    noise_at: "site",
    delta: 1e-5,
  },
  training: {},
  invited: [],
  epsilon_a_round: null,
  epsilon_spent: null,
  merged: "",
  undone: "",
  sites: [],
  notes: [],
  ...changes,
});

test("without noise nothing is promised, and with noise it is said where it is added and what it costs", () => {
  expect(privacyText(round())).toContain("there is no guarantee");
  const rules = { ...round().rules, noise: 2, noise_at: "site" as const };
  expect(privacyText(round({ rules, epsilon_a_round: 2.3456, epsilon_spent: 123.4 }))).toContain(
    "ε = 2.35 for a site in this round, 123 in all rounds so far, at δ = 0.00001",
  );
  const mean = privacyText(round({ rules: { ...rules, noise_at: "coordinator" }, epsilon_a_round: 1 }));
  expect(mean).toContain("can be read by whoever reads the folder");
});

test("what to do next depends on how far one is", () => {
  expect(nextStep(round())).toBe("Take part to contribute.");
  const own = site({ own: true });
  expect(nextStep(round({ sites: [own], base: { ...round().base, held_by: null } }))).toContain("Fetch beats");
  expect(nextStep(round({ sites: [own] }))).toContain("Fine-tune the base model");
  const sent = { ...own, has_contributed: true };
  expect(nextStep(round({ sites: [sent] }))).toContain("waits for the other sites");
  expect(nextStep(round({ own: true, sites: [sent, site()] }))).toBe("1 site has not contributed yet.");
  expect(nextStep(round({ state: "undone" }))).toContain("Nothing of it counts");
});

test("what became of a site stands with its reason", () => {
  const fate = { site: "Oslo", recordings: 9, share: 0.25, norm: 1, longer: 1, cosine: 0.5, alone: null, left_out: "" };
  expect(siteText(site({ has_contributed: true, fate }), true).text).toBe("25 % of the mean");
  const out = { ...fate, share: 0, left_out: "it changes the model 100 times as much" };
  expect(siteText(site({ has_contributed: true, fate: out }), true)).toEqual({
    tone: "bad",
    text: "left out: it changes the model 100 times as much",
  });
  expect(siteText(site({ fault: "it was not invited." }), false).text).toBe("does not count: it was not invited.");
  expect(siteText(site({ has_contributed: true }), true).text).toBe("came too late");
  expect(siteText(site(), false).text).toBe("has joined");
});
