"""Scores of one label: AUROC, average precision, their curves, and how much each record counts in them. numpy only.

`…_parts` also give what each record adds, from which `backend.ml.evaluation.intervals` makes intervals. A value that
the records do not define (a label that never occurs) is NaN, and never 0; means over labels leave it out.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
POINTS = 200  # of a curve that are kept
CELLS = 2_000_000  # thresholds times records times labels held at once


def f1(true_positive: Floats, false_positive: Floats, false_negative: Floats) -> Floats:
    """Return F1 = 2 TP / (2 TP + FP + FN); NaN for a label without a true record."""
    undefined = true_positive + false_negative == 0
    total = 2 * true_positive + false_positive + false_negative
    return np.where(undefined, np.nan, 2 * true_positive / np.where(total == 0, 1, total))


def auroc(truth: NDArray[np.bool_], score: Floats) -> float:
    """Return the area under the ROC curve of one label: truth (N,), score (N,); ties count half.

    It is the chance that a positive scores above a negative (Mann-Whitney U); NaN without positives or negatives.
    """
    return auroc_parts(truth, score)[0]


def auroc_parts(truth: NDArray[np.bool_], score: Floats) -> tuple[float, Floats, Floats]:
    """Return the AUROC; for each positive the share of negatives below it, for each negative that of positives above.

    These are the structural components of DeLong et al. 1988 (doi:10.2307/2531595), in the order of the records.
    """
    positive, negative = score[truth], score[~truth]
    if not len(positive) or not len(negative):
        return float("nan"), np.empty(len(positive)), np.empty(len(negative))
    below = _share_below(positive, negative)
    above = 1 - _share_below(negative, positive)
    return float(below.mean()), below, above


def _share_below(values: Floats, others: Floats) -> Floats:
    """Return for each value the share of the others below it; those that equal it count half."""
    ordered = np.sort(others)
    ends = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return np.asarray(ends / (2 * len(others)))


def average_precision(truth: NDArray[np.bool_], score: Floats) -> float:
    """Return the area under the precision-recall curve, the step-wise Σ (R_n - R_(n-1)) P_n; NaN without positives."""
    return average_precision_parts(truth, score)[0]


def average_precision_parts(truth: NDArray[np.bool_], score: Floats) -> tuple[float, Floats]:
    """Return the average precision, and its derivative by the weight of each record (N,), which sum to 0."""
    m = int(truth.sum())
    if not m:
        return float("nan"), np.zeros(len(truth))
    order = np.argsort(-score, kind="stable")
    first, last = tie_ends(-score[order])
    positive = truth[order].astype(np.float64)
    reached = np.cumsum(positive)[last]  # positives that score as much or more
    called = last + 1.0  # records that do
    precision = reached / called
    area = float(positive @ precision / m)
    # A record counts in the precision at its own place and at each place below.
    once = np.cumsum((positive / called)[::-1])[::-1][first]
    always = np.cumsum((positive * reached / called**2)[::-1])[::-1][first]
    influence = np.empty(len(truth))
    influence[order] = (positive * (precision - area) + positive * once - always) / m
    return area, influence


def roc_curve(truth: NDArray[np.bool_], score: Floats, most: int = POINTS) -> list[tuple[float, float]]:
    """Return at most `most` points (false positive rate, true positive rate) of one label, from (0, 0) to (1, 1).

    Corners on a straight line are left out first, then evenly. Empty where the curve is undefined.
    """
    if not truth.any() or truth.all():
        return []
    true, false = _reached(truth, score)
    turn = np.diff(true[:-1]) * np.diff(false[1:]) != np.diff(true[1:]) * np.diff(false[:-1])
    keep = np.flatnonzero(np.concatenate([[True], turn, [True]]))
    keep = keep[_evenly(len(keep), most)]
    return list(zip((false[keep] / false[-1]).tolist(), (true[keep] / true[-1]).tolist(), strict=True))


def pr_curve(truth: NDArray[np.bool_], score: Floats, most: int = POINTS) -> list[tuple[float, float]]:
    """Return at most `most` points (recall, precision) of one label, by rising recall. Empty without positives."""
    if not truth.any():
        return []
    true, false = (counts[1:] for counts in _reached(truth, score))
    keep = _evenly(len(true), most)
    recall, precision = true[keep] / true[-1], true[keep] / (true[keep] + false[keep])
    return list(zip(recall.tolist(), precision.tolist(), strict=True))


def fmax(truth: NDArray[np.bool_], p: Floats) -> float:
    """Return the largest F of the mean precision and recall a record over one threshold for all labels; (N, L) each.

    As in the benchmark of PTB-XL (Strodthoff et al. 2021, doi:10.1109/JBHI.2020.3022989): precision over the records
    that are given a label, recall over those that have one, thresholds 0 to 1 in steps of 0.01. NaN without labels.
    """
    return float(_f_of_records(truth, p).max()) if truth.any() else float("nan")


def fmax_threshold(truth: NDArray[np.bool_], p: Floats) -> float:
    """Return the threshold of `fmax`, of equally good ones the middle; 0.5 without labels."""
    if not truth.any():
        return 0.5
    found = _f_of_records(truth, p)
    best = np.flatnonzero(found == found.max())
    return float(_HUNDREDTHS[best[len(best) // 2]])


_HUNDREDTHS = np.arange(101) / 100


def _f_of_records(truth: NDArray[np.bool_], p: Floats) -> Floats:
    """Return the F at each of the thresholds."""
    has = truth.any(axis=1)
    found = []
    portion = max(1, CELLS // max(1, p.size))
    for thresholds in np.array_split(_HUNDREDTHS, -(-101 // portion)):
        called = p >= thresholds[:, None, None]
        right, given = (called & truth).sum(axis=2), called.sum(axis=2)
        n_given = (given > 0).sum(axis=1)
        precision = (right / np.maximum(given, 1)).sum(axis=1) / np.maximum(n_given, 1)
        recall = (right[:, has] / truth[has].sum(axis=1)).mean(axis=1)
        both = precision + recall
        found.append(np.where(n_given == 0, 0.0, 2 * precision * recall / np.where(both == 0, 1, both)))
    return np.concatenate(found)


def _reached(truth: NDArray[np.bool_], score: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return how many positives and negatives reach each threshold, from none to all."""
    order = np.argsort(-score, kind="stable")
    ends = np.unique(tie_ends(-score[order])[1])
    true = np.concatenate([[0], np.cumsum(truth[order])[ends]])
    false = np.concatenate([[0], np.cumsum(~truth[order])[ends]])
    return true, false


def _evenly(n: int, most: int) -> NDArray[np.intp]:
    return np.unique(np.linspace(0, n - 1, min(most, n)).round().astype(np.intp))


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
