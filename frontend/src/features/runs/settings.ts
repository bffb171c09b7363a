/** How the training settings are grouped; what each means and may be is the platform's to say. */

const IN_GROUPS: readonly (readonly [title: string, test: (path: string) => boolean])[] = [
  ["Augmentation of the training recordings", (path) => path.startsWith("augmentation.") || path === "mixup"],
  ["Hardware and reproducibility", (path) => ["seed", "precision", "devices", "threads"].includes(path)],
];

/** The heading under which a setting stands. */
export function groupOf(path: string): string {
  return IN_GROUPS.find(([, test]) => test(path))?.[0] ?? "Optimisation";
}

/** The headings in their order. */
export const GROUPS = ["Optimisation", ...IN_GROUPS.map(([title]) => title)] as const;

/** What the presets are for; their exact steps come from the platform. */
export const PRESET_TITLES: Record<string, string> = {
  clinical:
    "Clinical: drift and noise filtered, each lead standardised (recommended: the best on other hospitals’ ECGs)",
  st_preserving: "ST-preserving: only slow drift removed, amplitudes kept in mV",
  exchangeai: "ExChanGeAI: baseline removed, amplitudes kept in mV",
  paper: "Paper: as in the publication, short baseline window",
};
