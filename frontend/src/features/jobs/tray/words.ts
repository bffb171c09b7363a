/** What the tray says of jobs: whole sentences, a kind each. */

import { t } from "@lingui/core/macro";
import type { TrayJob } from "@/api/types";
import { projectPath } from "@/lib/paths";

type Thing = TrayJob["thing"];

export const KINDS: Record<Thing, string> = {
  run: t`Training`,
  prediction: t`Prediction`,
  evaluation: t`Evaluation`,
  stress_test: t`Stress test`,
  drift_check: t`Drift check`,
  explanation: t`Explanation`,
  transfer: t`Transfer of a model`,
  pretraining: t`Pre-training`,
  project: t`Simulated ECGs`,
  round: t`Federated round`,
};

const ENDS: Partial<Record<TrayJob["status"], Record<Thing, (title: string) => string>>> = {
  done: {
    run: (title) => t`The training “${title}” is done.`,
    prediction: (title) => t`The prediction by “${title}” is done.`,
    evaluation: (title) => t`The evaluation of “${title}” is done.`,
    stress_test: (title) => t`The stress test of “${title}” is done.`,
    drift_check: (title) => t`The drift check of “${title}” is done.`,
    explanation: (title) => t`The explanation of “${title}” is done.`,
    transfer: (title) => t`The model “${title}” has been transferred.`,
    pretraining: (title) => t`The pre-training “${title}” is done.`,
    project: (title) => t`The project “${title}” is filled.`,
    round: () => t`The federated round is done.`,
  },
  failed: {
    run: (title) => t`The training “${title}” failed.`,
    prediction: (title) => t`The prediction by “${title}” failed.`,
    evaluation: (title) => t`The evaluation of “${title}” failed.`,
    stress_test: (title) => t`The stress test of “${title}” failed.`,
    drift_check: (title) => t`The drift check of “${title}” failed.`,
    explanation: (title) => t`The explanation of “${title}” failed.`,
    transfer: (title) => t`The transfer of “${title}” failed.`,
    pretraining: (title) => t`The pre-training “${title}” failed.`,
    project: (title) => t`The project “${title}” could not be filled.`,
    round: () => t`The federated round failed.`,
  },
  cancelled: {
    run: (title) => t`The training “${title}” was cancelled.`,
    prediction: (title) => t`The prediction by “${title}” was cancelled.`,
    evaluation: (title) => t`The evaluation of “${title}” was cancelled.`,
    stress_test: (title) => t`The stress test of “${title}” was cancelled.`,
    drift_check: (title) => t`The drift check of “${title}” was cancelled.`,
    explanation: (title) => t`The explanation of “${title}” was cancelled.`,
    transfer: (title) => t`The transfer of “${title}” was cancelled.`,
    pretraining: (title) => t`The pre-training “${title}” was cancelled.`,
    project: (title) => t`Filling the project “${title}” was cancelled.`,
    round: () => t`The federated round was cancelled.`,
  },
};

/** How a job has ended, in a sentence. */
export const endWords = (job: TrayJob): string => ENDS[job.status]?.[job.thing](job.title) ?? job.title;

const PLACES: Record<Thing, (id: string) => string[]> = {
  run: (id) => ["runs", id],
  prediction: (id) => ["predictions", id],
  evaluation: (id) => ["evaluations", id],
  stress_test: (id) => ["evaluations", id],
  drift_check: (id) => ["drift-checks", id],
  explanation: (id) => ["explanations", id],
  transfer: () => ["models"],
  pretraining: () => ["models"],
  project: () => ["overview"],
  round: () => ["models"],
};

/** Where what the job is about is shown. */
export const placeOf = ({ project_id, thing, thing_id }: TrayJob): string =>
  projectPath(project_id, ...PLACES[thing](thing_id));
