/** What the overview says: a whole sentence for each kind of thing, and where its button leads. */

import type { NewestThing, NextStep, Unfinished } from "@/api/types";
import { region } from "@/language/language";
import { count } from "@/lib/format";

type Sentence = { text: string; button?: string; to?: string };

const STEPS: Record<NextStep["kind"], (id: string) => Sentence> = {
  upload: () => ({ text: "Upload the ECGs of this project.", button: "Upload ECGs", to: "recordings" }),
  wait: (id) =>
    id
      ? { text: "A model is being trained. You can follow it, or close the page.", button: "Follow", to: `runs/${id}` }
      : { text: "The project is being filled with simulated ECGs." },
  start_worker: () => ({ text: "Jobs wait, because no worker is running. Start one with “exchangeai worker”." }),
  label: () => ({
    text: "Say what the recordings show: label them here, or upload a table.",
    button: "Add labels",
    to: "labels",
  }),
  read: (id) => ({
    text: "Go on labelling: some recordings have not been read.",
    button: "Go on labelling",
    to: `labels/${id}/read`,
  }),
  freeze: () => ({
    text: "All recordings are read. Make a dataset of the labels, to train on it.",
    button: "Make a dataset",
    to: "labels",
  }),
  match: () => ({
    text: "No row of the label table fits a recording. Check how the table names them.",
    button: "Check the table",
    to: "labels",
  }),
  train: () => ({ text: "Recordings and labels are here: train a model.", button: "Train a model", to: "runs/new" }),
  retry: (id) => ({
    text: "The last training failed. See why, and start it again.",
    button: "See why",
    to: `runs/${id}`,
  }),
  test: (id) => ({
    text: "Test the model on recordings from elsewhere, which it has not learned from.",
    button: "Test the model",
    to: `models/${id}/evaluate`,
  }),
  predict: (id) => ({
    text: "The model is trained and tested: use it on new ECGs.",
    button: "Use the model",
    to: `models/${id}`,
  }),
};

/** What to do next. */
export const stepWords = ({ kind, id }: NextStep): Sentence => STEPS[kind](id);

const UNFINISHED: Record<Unfinished["kind"], (one: Unfinished) => Sentence> = {
  refused: ({ id, n, total }) => ({
    text: `${count(n, "file")} of ${total.toLocaleString(region())} could not be imported.`,
    button: "See why",
    to: `imports/${id}?import_status=refused`,
  }),
  findings: ({ id, n, total }) => ({
    text: `${count(n, "imported file")} of ${total.toLocaleString(region())} should be looked at.`,
    button: "Look at them",
    to: `imports/${id}?findings_only=true`,
  }),
  reading: ({ id, name, n, total }) => ({
    text: `“${name}” is labelled for ${n.toLocaleString(region())} of ${count(total, "recording")}.`,
    button: "Go on labelling",
    to: `labels/${id}/read`,
  }),
  frozen: ({ name }) => ({
    text: `“${name}” is labelled completely, and no dataset was made of it.`,
    button: "Make a dataset",
    to: "labels",
  }),
  running: ({ id, name, n }) => ({
    text: `“${name}” is being trained: ${n} % done.`,
    button: "Follow",
    to: `runs/${id}`,
  }),
  failed: ({ id, name }) => ({ text: `The training “${name}” failed.`, button: "See why", to: `runs/${id}` }),
  untested: ({ id, name }) => ({
    text: `“${name}” was not tested on recordings from elsewhere.`,
    button: "Test it",
    to: `models/${id}/evaluate`,
  }),
  unmatched: ({ name, n, total }) => ({
    text: `${count(n, "row")} of ${total.toLocaleString(region())} in “${name}” fit no recording.`,
    button: "See which",
    to: "labels",
  }),
};

/** What is begun and not done. */
export const unfinishedWords = (one: Unfinished): Sentence => UNFINISHED[one.kind](one);

const NEWEST: Record<NewestThing["kind"], (one: NewestThing) => { text: string; to: string }> = {
  import: ({ id }) => ({ text: "Files imported", to: `imports/${id}` }),
  dataset: ({ id, name }) => ({ text: `Labels “${name}”`, to: `labels/tables/${id}` }),
  label_set: ({ name }) => ({ text: `Label set “${name}”`, to: "labels" }),
  run: ({ id, name }) => ({ text: `Training “${name}”`, to: `runs/${id}` }),
  model: ({ id, name }) => ({ text: `Model “${name}”`, to: `models/${id}` }),
  prediction: ({ id, name }) => ({ text: `Prediction by “${name}”`, to: `predictions/${id}` }),
  evaluation: ({ id, name }) => ({ text: `Evaluation of “${name}”`, to: `evaluations/${id}` }),
};

/** What was made lately. */
export const newestWords = (one: NewestThing) => NEWEST[one.kind](one);
