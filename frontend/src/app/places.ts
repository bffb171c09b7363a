/** Where in a project a page stands. */

import { t } from "@lingui/core/macro";
/** What a route tells the shell: the step it belongs to, its name below that step, and whether it takes all the width. */
export type Place = { step: string; crumb?: string; wide?: boolean };

/** The steps of a project, in the order in which they are taken. */
export const STEPS = [
  { path: "recordings", title: t`Recordings` },
  { path: "labels", title: t`Labels` },
  { path: "runs", title: t`Train` },
  { path: "models", title: t`Models` },
  { path: "predictions", title: t`Predictions` },
] as const satisfies readonly { path: string; title: string }[];
