/** How the training settings are grouped; what each means and may be is the platform's to say. */

import { t } from "@lingui/core/macro";

const OTHERS = t`Optimisation`;
const IN_GROUPS: readonly (readonly [title: string, test: (path: string) => boolean])[] = [
  [t`Augmentation of the training recordings`, (path) => path.startsWith("augmentation.") || path === "mixup"],
  [t`Hardware and reproducibility`, (path) => ["seed", "precision", "devices", "threads"].includes(path)],
];

/** The heading under which a setting stands. */
export function groupOf(path: string): string {
  return IN_GROUPS.find(([, test]) => test(path))?.[0] ?? OTHERS;
}

/** The headings in their order. */
export const GROUPS = [OTHERS, ...IN_GROUPS.map(([title]) => title)] as const;

/** What the presets are for; their exact steps come from the platform. */
export const PRESET_TITLES: Record<string, string> = {
  clinical: t`Clinical: drift and noise filtered, each lead standardised (recommended: the best on other hospitals’ ECGs)`,
  st_preserving: t`ST-preserving: only slow drift removed, amplitudes kept in mV`,
  exchangeai: t`ExChanGeAI: baseline removed, amplitudes kept in mV`,
  paper: t`Paper: as in the publication, short baseline window`,
};
