"""Scores of one class or of all: F1, AUROC, average precision, the ROC curve. numpy only.

The functions take weights a record (R, N), so that one call gives the value in R bootstrap resamples: a resample that
draws a record twice weighs it by 2. A value that the records do not define (a class that never occurs) is None, or NaN
inside arrays, and never 0; means over classes leave it out.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def counts(truth: NDArray[np.bool_], predicted: NDArray[np.bool_], weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Return true positives, false positives, false negatives, each (R, L), for labels (N, L), weights (R, N)."""
    true_positive = weights @ (truth & predicted)
    return true_positive, weights @ predicted - true_positive, weights @ truth - true_positive


def f1(true_positive: Floats, false_positive: Floats, false_negative: Floats) -> Floats:
    """Return F1 = 2 TP / (2 TP + FP + FN); NaN for a class without a true record."""
    undefined = true_positive + false_negative == 0
    total = 2 * true_positive + false_positive + false_negative
    return np.where(undefined, np.nan, 2 * true_positive / np.where(total == 0, 1, total))


def auroc(truth: NDArray[np.bool_], score: Floats, weights: Floats) -> Floats:
    """Return the area under the ROC curve (R,) of one class: truth (N,), score (N,), weights (R, N); ties count half.

    It is the chance that a positive scores above a negative (Mann-Whitney U); NaN without positives or negatives.
    """
    order = np.argsort(score, kind="stable")
    first, last = tie_ends(score[order])
    w = weights[:, order]
    negative = np.cumsum(w * ~truth[order], axis=1)
    below = np.concatenate([np.zeros((len(w), 1)), negative], axis=1)
    beaten = (below[:, first] + below[:, last + 1]) / 2  # negatives below, and half of those that tie
    positive = w * truth[order]
    pairs = positive.sum(axis=1) * negative[:, -1]
    return divide((positive * beaten).sum(axis=1), pairs)


def average_precision(truth: NDArray[np.bool_], score: Floats, weights: Floats) -> Floats:
    """Return the area under the precision-recall curve (R,), the step-wise sum Σ (R_n − R_(n−1)) P_n of one class."""
    order = np.argsort(-score, kind="stable")
    _, last = tie_ends(-score[order])
    w = weights[:, order]
    positive = w * truth[order]
    predicted = np.cumsum(w, axis=1)[:, last]
    precision = np.cumsum(positive, axis=1)[:, last] / np.where(predicted == 0, 1, predicted)
    return divide((positive * precision).sum(axis=1), positive.sum(axis=1))


def roc_curve(truth: NDArray[np.bool_], score: Floats, most: int = 200) -> list[tuple[float, float]]:
    """Return at most `most` points (false positive rate, true positive rate) of one class, from (0, 0) to (1, 1).

    Corners on a straight line are left out first, then evenly. Empty where the curve is undefined.
    """
    if not truth.any() or truth.all():
        return []
    order = np.argsort(-score, kind="stable")
    ends = np.unique(tie_ends(-score[order])[1])
    true = np.concatenate([[0], np.cumsum(truth[order])[ends]])
    false = np.concatenate([[0], np.cumsum(~truth[order])[ends]])
    turn = np.diff(true[:-1]) * np.diff(false[1:]) != np.diff(true[1:]) * np.diff(false[:-1])
    keep = np.flatnonzero(np.concatenate([[True], turn, [True]]))
    keep = keep[np.unique(np.linspace(0, len(keep) - 1, min(most, len(keep))).round().astype(int))]
    return list(zip((false[keep] / false[-1]).tolist(), (true[keep] / true[-1]).tolist(), strict=True))


def mean(values: Floats, weights: Floats | None = None) -> Floats:
    """Return the (weighted) mean over classes (R,) of values (R, L), leaving NaN out; NaN where nothing is left."""
    weight = np.where(np.isnan(values), 0.0, 1.0 if weights is None else weights)
    return divide((np.nan_to_num(values) * weight).sum(axis=1), weight.sum(axis=1))


def number(value: float) -> float | None:
    """Return a plain float, None for NaN."""
    return None if np.isnan(value) else float(value)


def divide(a: Floats, b: Floats) -> Floats:
    """Return a / b, NaN where b is 0."""
    return np.where(b == 0, np.nan, a / np.where(b == 0, 1, b))


def tie_ends(ordered: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return for each of N ordered values the first and the last index of the run of equal values it is in."""
    change = np.flatnonzero(np.diff(ordered)) + 1
    starts = np.concatenate([[0], change])
    lengths = np.diff(np.concatenate([starts, [len(ordered)]]))
    return np.repeat(starts, lengths), np.repeat(starts + lengths - 1, lengths)
