/** What the overview says: a whole sentence for each kind of thing, and where its button leads. */

import { plural, t } from "@lingui/core/macro";
import type { Operation } from "@/api/may";
import type { NewestThing, NextStep, Unfinished } from "@/api/types";
import { region } from "@/language/language";

const number = (n: number) => n.toLocaleString(region());

/** `takes`: what is done there, where not everybody may do it who may open the page. */
type Sentence = { text: string; button?: string; to?: string; takes?: Operation };

const STEPS: Record<NextStep["kind"], (id: string) => Sentence> = {
  upload: () => ({
    text: t`Upload the ECGs of this project.`,
    button: t`Upload ECGs`,
    to: "recordings",
    takes: "upload_recordings",
  }),
  wait: (id) =>
    id
      ? {
          text: t`A model is being trained. You can follow it, or close the page.`,
          button: t`Follow`,
          to: `runs/${id}`,
        }
      : { text: t`The project is being filled with simulated ECGs.` },
  start_worker: () => ({ text: t`Jobs wait, because no worker is running. Start one with “exchangeai worker”.` }),
  label: () => ({
    text: t`Say what the recordings show: label them here, or upload a table.`,
    button: t`Add labels`,
    to: "labels",
    takes: "create_dataset",
  }),
  read: (id) => ({
    text: t`Go on labelling: some recordings have not been read.`,
    button: t`Go on labelling`,
    to: `labels/${id}/read`,
    takes: "save_reading",
  }),
  freeze: () => ({
    text: t`All recordings are read. Make a dataset of the labels, to train on it.`,
    button: t`Make a dataset`,
    to: "labels",
    takes: "freeze_label_set",
  }),
  match: () => ({
    text: t`No row of the label table fits a recording. Check how the table names them.`,
    button: t`Check the table`,
    to: "labels",
  }),
  train: () => ({
    text: t`Recordings and labels are here: train a model.`,
    button: t`Train a model`,
    to: "runs/new",
    takes: "create_run",
  }),
  retry: (id) => ({
    text: t`The last training failed. See why, and start it again.`,
    button: t`See why`,
    to: `runs/${id}`,
  }),
  test: (id) => ({
    text: t`Test the model on recordings from elsewhere, which it has not learned from.`,
    button: t`Test the model`,
    to: `models/${id}/evaluate`,
    takes: "create_evaluation",
  }),
  predict: (id) => ({
    text: t`The model is trained and tested: use it on new ECGs.`,
    button: t`Use the model`,
    to: `models/${id}`,
  }),
};

/** What to do next. */
export const stepWords = ({ kind, id }: NextStep): Sentence => STEPS[kind](id);

const UNFINISHED: Record<Unfinished["kind"], (one: Unfinished) => Sentence> = {
  refused: ({ id, n, total }) => ({
    text: plural(n, {
      one: `# file of ${{ all: number(total) }} could not be imported.`,
      other: `# files of ${{ all: number(total) }} could not be imported.`,
    }),
    button: t`See why`,
    to: `imports/${id}?import_status=refused`,
  }),
  findings: ({ id, n, total }) => ({
    text: plural(n, {
      one: `# imported file of ${{ all: number(total) }} should be looked at.`,
      other: `# imported files of ${{ all: number(total) }} should be looked at.`,
    }),
    button: t`Look at them`,
    to: `imports/${id}?findings_only=true`,
  }),
  reading: ({ id, name, n, total }) => ({
    text: plural(total, {
      one: `“${name}” is labelled for ${{ read: number(n) }} of # recording.`,
      other: `“${name}” is labelled for ${{ read: number(n) }} of # recordings.`,
    }),
    button: t`Go on labelling`,
    to: `labels/${id}/read`,
  }),
  frozen: ({ name }) => ({
    text: t`“${name}” is labelled completely, and no dataset was made of it.`,
    button: t`Make a dataset`,
    to: "labels",
    takes: "freeze_label_set",
  }),
  running: ({ id, name, n }) => ({
    text: t`“${name}” is being trained: ${n} % done.`,
    button: t`Follow`,
    to: `runs/${id}`,
  }),
  failed: ({ id, name }) => ({ text: t`The training “${name}” failed.`, button: t`See why`, to: `runs/${id}` }),
  untested: ({ id, name }) => ({
    text: t`“${name}” was not tested on recordings from elsewhere.`,
    button: t`Test it`,
    to: `models/${id}/evaluate`,
  }),
  unmatched: ({ name, n, total }) => ({
    text: plural(n, {
      one: `# row of ${{ all: number(total) }} in “${name}” fit no recording.`,
      other: `# rows of ${{ all: number(total) }} in “${name}” fit no recording.`,
    }),
    button: t`See which`,
    to: "labels",
  }),
};

/** What is begun and not done. */
export const unfinishedWords = (one: Unfinished): Sentence => UNFINISHED[one.kind](one);

const NEWEST: Record<NewestThing["kind"], (one: NewestThing) => { text: string; to: string }> = {
  import: ({ id }) => ({ text: t`Files imported`, to: `imports/${id}` }),
  dataset: ({ id, name }) => ({ text: t`Labels “${name}”`, to: `labels/tables/${id}` }),
  label_set: ({ name }) => ({ text: t`Label set “${name}”`, to: "labels" }),
  run: ({ id, name }) => ({ text: t`Training “${name}”`, to: `runs/${id}` }),
  model: ({ id, name }) => ({ text: t`Model “${name}”`, to: `models/${id}` }),
  prediction: ({ id, name }) => ({ text: t`Prediction by “${name}”`, to: `predictions/${id}` }),
  evaluation: ({ id, name }) => ({ text: t`Evaluation of “${name}”`, to: `evaluations/${id}` }),
};

/** What was made lately. */
export const newestWords = (one: NewestThing) => NEWEST[one.kind](one);
