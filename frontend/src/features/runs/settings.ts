/** What each training setting means, in plain words. A setting that is not listed here is shown under its own name. */

export type Setting = {
  title: string;
  help: string;
  choices?: readonly { value: string; label: string }[];
  /** A number that may be left to the platform. */
  automatic?: string;
  min?: number;
  max?: number;
  step?: number;
};

export const SETTINGS: Record<string, Setting> = {
  max_epochs: {
    title: "Most epochs",
    help: "An epoch is one pass over all training recordings. Training mostly stops earlier by itself.",
    min: 1,
    max: 1000,
  },
  patience: {
    title: "Patience",
    help: "Training stops when so many epochs in a row have brought no improvement. The best epoch is always kept.",
    min: 1,
    max: 1000,
  },
  monitor: {
    title: "What counts as better",
    help: "The measure on the validation recordings that decides which epoch is the best one.",
    choices: [
      { value: "val_loss", label: "Loss (usual)" },
      { value: "macro_auroc", label: "AUROC, mean over labels" },
      { value: "macro_f1", label: "F1, mean over labels" },
    ],
  },
  class_weights: {
    title: "Give rare labels more weight",
    help: "Without this, a network does well by ignoring labels that are rare.",
  },
  learning_rate: {
    title: "Learning rate",
    help: "How large the steps of learning are. Automatic tries a range and takes a good one.",
    automatic: "automatic (found by trying)",
    min: 1e-7,
    max: 1,
    step: 0.0001,
  },
  gamma: {
    title: "Slowing of the learning rate",
    help: "After each epoch the learning rate is multiplied by this.",
    min: 0.1,
    max: 1,
    step: 0.01,
  },
  batch_size: {
    title: "Batch size",
    help: "How many recordings the network sees before each step. Automatic takes what suits data and memory.",
    automatic: "automatic",
    min: 2,
    max: 4096,
  },
  weight_decay: {
    title: "Weight decay",
    help: "Keeps the network from learning single recordings by heart.",
    min: 0,
    max: 1,
    step: 0.01,
  },
  seed: {
    title: "Seed",
    help: "The same seed, data and settings give the same split and the same start. Change it to see how much chance matters.",
    min: 0,
    max: 4_294_967_295,
  },
  threads: {
    title: "Processor threads",
    help: "How much of the computer the training may use.",
    automatic: "automatic",
    min: 1,
    max: 1024,
  },
  "augmentation.crop_seconds": {
    title: "Random window (s)",
    help: "The network sees a random piece of this length each time, so that it does not depend on where a beat lies.",
    automatic: "the whole recording",
    min: 0.5,
    max: 60,
    step: 0.5,
  },
  "augmentation.scale": {
    title: "Random amplitude",
    help: "Amplitudes are varied by up to this share.",
    min: 0,
    max: 0.9,
    step: 0.05,
  },
  "augmentation.noise": {
    title: "Random noise",
    help: "A little noise is added, so that the network copes with noisy recordings.",
    min: 0,
    max: 1,
    step: 0.01,
  },
  "augmentation.lead_dropout": {
    title: "Random silent leads",
    help: "The chance that a lead is silenced, so that the network does not depend on a single one.",
    min: 0,
    max: 0.9,
    step: 0.05,
  },
};

/** What the presets are for; their exact steps come from the platform. */
export const PRESET_WORDS: Record<string, string> = {
  clinical:
    "Clinical: drift and noise filtered, each lead standardised (recommended: the best on other hospitals’ ECGs)",
  st_preserving: "ST-preserving: only slow drift removed, amplitudes kept in mV",
  exchangeai: "ExChanGeAI: baseline removed, amplitudes kept in mV",
  paper: "Paper: as in the publication, short baseline window",
};
