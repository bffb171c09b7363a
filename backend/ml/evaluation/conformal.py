"""From validation recordings to the bands in which a model abstains: split-conformal prediction, label by label."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.ml.abstention import Abstention
from backend.ml.evaluation.scores import Floats
from backend.ml.spec import LabelTask


def abstention(
    y_true: ArrayLike, probabilities: ArrayLike, task: LabelTask, thresholds: tuple[float, ...], error: float
) -> Abstention:
    """Choose the bands of L labels on (N, L) validation data, so that at most a share `error` is wrong outside them.

    That holds for those with a label and for those without (Mondrian), on average, for recordings like these. With n
    recordings of a kind an error below 1 / (n + 1) cannot be promised: then the label is always possible.
    A band holds the threshold, so that outside it the threshold decides as the band does.
    """
    truth, p = np.asarray(y_true, np.float64), np.asarray(probabilities, np.float64)
    lows, highs = [], []
    for i in range(truth.shape[1]):
        known = ~np.isnan(truth[:, i])
        has, score = truth[known, i] > 0.5, p[known, i]
        low = 1 - _quantile(1 - score[has], error)  # those with the label lie above, but for a share `error`
        if task == "single_label":
            lows.append(low)
            highs.append(1.0)
            continue
        lows.append(min(low, thresholds[i]))
        highs.append(max(_quantile(score[~has], error), thresholds[i]))
    return Abstention(error=error, lows=tuple(lows), highs=tuple(highs))


def _quantile(values: Floats | NDArray[np.float64], error: float) -> float:
    """Return the value that one more of the same kind exceeds with a chance of at most `error`; 1 where none is."""
    place = int(np.ceil((len(values) + 1) * (1 - error)))
    return float(np.sort(values)[place - 1]) if place <= len(values) else 1.0
