/** What each training setting means, in plain words. A setting that is not listed here is shown under its own name. */

export type Setting = {
  title: string;
  help: string;
  /** What the words that a setting may have mean; which ones there are is the platform's to say. */
  choices?: Record<string, string>;
  /** A number that may be left to the platform. */
  automatic?: string;
  min?: number;
  max?: number;
  step?: number;
};

export const SETTINGS: Record<string, Setting> = {
  method: {
    title: "Method",
    help: "How much of the base model is trained on.",
    choices: { scratch: "From scratch", head: "Head only", all: "All layers", head_then_all: "Head, then all layers" },
  },
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
    choices: {
      val_loss: "Loss (usual)",
      macro_auroc: "AUROC, mean over labels",
      macro_f1: "F1, mean over labels",
      last_epoch: "Nothing: keep the last epoch",
    },
  },
  loss: {
    title: "Loss",
    help: "How a wrong answer counts. Focal and asymmetric loss count easy recordings less, which can help where labels are rare.",
    choices: {
      cross_entropy: "Cross-entropy (usual)",
      focal: "Focal",
      asymmetric: "Asymmetric (for several labels at once)",
    },
  },
  class_weights: {
    title: "Give rare labels more weight",
    help: "Without this, a network does well by ignoring labels that are rare.",
  },
  optimizer: {
    title: "Optimiser",
    help: "The rule by which each step of learning is made.",
    choices: {
      adamw: "AdamW (usual)",
      adam: "Adam",
      nadam: "NAdam",
      adamax: "Adamax",
      adafactor: "Adafactor (needs the least memory)",
      rmsprop: "RMSprop",
      sgd: "SGD with momentum",
    },
  },
  learning_rate: {
    title: "Learning rate",
    help: "How large the steps of learning are. Automatic tries a range and takes a good one.",
    automatic: "automatic (found by trying)",
    min: 1e-7,
    max: 1,
    step: 0.0001,
  },
  schedule: {
    title: "Course of the learning rate",
    help: "How the steps of learning become smaller. One cycle and cosine run over all epochs: give them a patience as long.",
    choices: {
      exponential: "Smaller after each epoch",
      one_cycle: "One cycle: up, then down to nothing",
      cosine: "Cosine: slowly down to nothing",
    },
  },
  gamma: {
    title: "Slowing of the learning rate",
    help: "After each epoch the learning rate is multiplied by this.",
    min: 0.1,
    max: 1,
    step: 0.01,
  },
  layer_decay: {
    title: "Slowing of earlier layers",
    help: "Each earlier group of layers learns at this share of the next one’s rate, so that what the base model knows is kept.",
    min: 0.01,
    max: 1,
    step: 0.05,
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
  clip_norm: {
    title: "Largest step",
    help: "The gradient, which says where to step, is shortened to this length where it is longer. Keeps odd recordings from doing harm.",
    min: 0.01,
    max: 1000,
    step: 0.1,
  },
  ema: {
    title: "Averaging of the weights",
    help: "Close to 1, such as 0.999, the model is a moving average of the network over its last steps, which is often a little better. 0 for none.",
    min: 0,
    max: 0.99999,
    step: 0.001,
  },
  mixup: {
    title: "Mixing of recordings",
    help: "Recordings and their labels are mixed in pairs, more strongly the larger this is. 0 for none.",
    min: 0,
    max: 5,
    step: 0.1,
  },
  windows: {
    title: "Answer with the mean over windows",
    help: "The model reads a recording window by window, each as long as the random window of the training, and answers with the mean.",
  },
  precision: {
    title: "Precision",
    help: "How exactly is computed. Automatic takes bfloat16, which is quicker, on graphics cards that can do it.",
    choices: { auto: "Automatic", float32: "float32 (exact)", bfloat16: "bfloat16 (quicker on a graphics card)" },
  },
  devices: {
    title: "Graphics cards",
    help: "How many are used side by side; without any, so many processes.",
    min: 1,
    max: 64,
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
  "augmentation.shift": {
    title: "Random shift (s)",
    help: "The recording is moved in time by up to this.",
    min: 0,
    max: 10,
    step: 0.1,
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
    help: "A little noise is added, so that the network copes with noisy recordings. In standard deviations of the ECG.",
    min: 0,
    max: 2,
    step: 0.01,
  },
  "augmentation.wander": {
    title: "Random drift",
    help: "Slow drift of the baseline, as breathing makes it, is added, up to this. In standard deviations of the ECG.",
    min: 0,
    max: 2,
    step: 0.05,
  },
  "augmentation.hum": {
    title: "Random mains hum",
    help: "Hum of 50 or 60 Hz is added, up to this, where the sampling rate can hold it. In standard deviations of the ECG.",
    min: 0,
    max: 2,
    step: 0.05,
  },
  "augmentation.lead_dropout": {
    title: "Random silent leads",
    help: "The chance that a lead is silenced, so that the network does not depend on a single one.",
    min: 0,
    max: 0.9,
    step: 0.05,
  },
  "augmentation.time_mask": {
    title: "Random gap",
    help: "A stretch of up to this share of the window is set to zero.",
    min: 0,
    max: 0.9,
    step: 0.05,
  },
};

const IN_GROUPS: readonly (readonly [title: string, test: (path: string) => boolean])[] = [
  ["Random changes to the training recordings", (path) => path.startsWith("augmentation.") || path === "mixup"],
  ["Computer", (path) => ["seed", "precision", "devices", "threads"].includes(path)],
];

/** The heading under which a setting stands. */
export function groupOf(path: string): string {
  return IN_GROUPS.find(([, test]) => test(path))?.[0] ?? "Learning";
}

/** The headings in their order. */
export const GROUPS = ["Learning", ...IN_GROUPS.map(([title]) => title)] as const;

/** What the presets are for; their exact steps come from the platform. */
export const PRESET_WORDS: Record<string, string> = {
  clinical:
    "Clinical: drift and noise filtered, each lead standardised (recommended: the best on other hospitals’ ECGs)",
  st_preserving: "ST-preserving: only slow drift removed, amplitudes kept in mV",
  exchangeai: "ExChanGeAI: baseline removed, amplitudes kept in mV",
  paper: "Paper: as in the publication, short baseline window",
};
