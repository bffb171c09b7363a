/** Where in a project a page stands. */

/** What a route tells the shell: the step it belongs to, its name below that step, and whether it takes all the width. */
export type Place = { step: string; crumb?: string; wide?: boolean };

/** The steps of a project, in the order in which they are taken. */
export const STEPS = [
  { path: "recordings", title: "Recordings" },
  { path: "labels", title: "Labels" },
  { path: "runs", title: "Train" },
  { path: "models", title: "Models" },
  { path: "predictions", title: "Predictions" },
] as const;
