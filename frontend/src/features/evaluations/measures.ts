/** What the measures of a regression mean. */

import { t } from "@lingui/core/macro";

export const MEASURES = {
  mae: {
    title: t`Mean absolute error`,
    help: t`The average difference between predicted and measured value, in its own unit, whether too high or too low. Compare it with the difference between repeated measurements of a patient, and with the smallest difference that matters clinically.`,
  },
  rmse: {
    title: t`RMSE`,
    help: t`Root mean square error: like the mean absolute error, but large errors count more. If it is much larger, a few recordings have large errors.`,
  },
  bias: {
    title: t`Bias`,
    help: t`Whether predictions are too high (above 0) or too low (below 0) on average. A bias of 0 does not mean that each prediction is correct: errors in both directions may cancel out.`,
  },
  r2: {
    title: "R²",
    help: t`The fraction of the variance between recordings that the predictions explain. 1 is perfect, 0 is no better than always predicting the mean, below 0 is worse. If the recordings differ little, it is low even if errors are small.`,
  },
  pearson: {
    title: t`Correlation`,
    help: t`Pearson correlation of predicted and measured values: 1 is perfect, 0 is none. It does not reveal predictions that are all too high or too close to the mean; bias and plots do.`,
  },
} as const;
