/** What the measures of a regression mean, in plain words. */

export const MEASURES = {
  mae: {
    title: "Mean absolute error",
    help: "How far a predicted value is from the measured one on average, in its own unit; too high and too low count alike. Set it beside how far two measurements of the same patient differ, and beside the difference that would matter to you.",
  },
  rmse: {
    title: "RMSE",
    help: "The root mean square error: as the mean absolute error, but large errors count more. Where it is much the larger of the two, some recordings are far off.",
  },
  bias: {
    title: "Bias",
    help: "Whether predictions are too high (above 0) or too low (below 0) on average. No bias does not mean that single predictions are right: too high and too low may cancel out.",
  },
  r2: {
    title: "R²",
    help: "How much of the differences between recordings the predictions explain. 1 is perfect, 0 is no better than always saying the mean, below 0 is worse than that. Among recordings that differ little it is low even where errors are small.",
  },
  pearson: {
    title: "Correlation",
    help: "Whether predicted and measured values rise and fall together: 1 is perfectly, 0 is not at all. It does not notice when all predictions are too high, or too close to the mean; bias and plots do.",
  },
} as const;
