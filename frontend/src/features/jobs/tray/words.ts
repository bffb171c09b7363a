/** What the tray says of jobs: whole sentences, a kind each. */

import type { TrayJob } from "@/api/types";
import { projectPath } from "@/lib/paths";

type Thing = TrayJob["thing"];

export const KINDS: Record<Thing, string> = {
  run: "Training",
  prediction: "Prediction",
  evaluation: "Evaluation",
  stress_test: "Stress test",
  drift_check: "Drift check",
  explanation: "Explanation",
  transfer: "Transfer of a model",
  pretraining: "Pre-training",
  project: "Simulated ECGs",
  round: "Federated round",
};

const ENDS: Partial<Record<TrayJob["status"], Record<Thing, (title: string) => string>>> = {
  done: {
    run: (title) => `The training “${title}” is done.`,
    prediction: (title) => `The prediction by “${title}” is done.`,
    evaluation: (title) => `The evaluation of “${title}” is done.`,
    stress_test: (title) => `The stress test of “${title}” is done.`,
    drift_check: (title) => `The drift check of “${title}” is done.`,
    explanation: (title) => `The explanation of “${title}” is done.`,
    transfer: (title) => `The model “${title}” has been transferred.`,
    pretraining: (title) => `The pre-training “${title}” is done.`,
    project: (title) => `The project “${title}” is filled.`,
    round: () => "The federated round is done.",
  },
  failed: {
    run: (title) => `The training “${title}” failed.`,
    prediction: (title) => `The prediction by “${title}” failed.`,
    evaluation: (title) => `The evaluation of “${title}” failed.`,
    stress_test: (title) => `The stress test of “${title}” failed.`,
    drift_check: (title) => `The drift check of “${title}” failed.`,
    explanation: (title) => `The explanation of “${title}” failed.`,
    transfer: (title) => `The transfer of “${title}” failed.`,
    pretraining: (title) => `The pre-training “${title}” failed.`,
    project: (title) => `The project “${title}” could not be filled.`,
    round: () => "The federated round failed.",
  },
  cancelled: {
    run: (title) => `The training “${title}” was cancelled.`,
    prediction: (title) => `The prediction by “${title}” was cancelled.`,
    evaluation: (title) => `The evaluation of “${title}” was cancelled.`,
    stress_test: (title) => `The stress test of “${title}” was cancelled.`,
    drift_check: (title) => `The drift check of “${title}” was cancelled.`,
    explanation: (title) => `The explanation of “${title}” was cancelled.`,
    transfer: (title) => `The transfer of “${title}” was cancelled.`,
    pretraining: (title) => `The pre-training “${title}” was cancelled.`,
    project: (title) => `Filling the project “${title}” was cancelled.`,
    round: () => "The federated round was cancelled.",
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
