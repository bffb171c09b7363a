"""From probabilities to labels: the most probable one, or all that reach their threshold; which threshold is best.

Thresholds are chosen on validation recordings only, each by a rule of RULES.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.ml.evaluation.scores import Floats, fmax_threshold, tie_ends
from backend.ml.spec import LabelTask

RULES: Final = ("f1", "fmax", "youden", "sensitivity_90", "specificity_90", "costs")
WANTED: Final = 0.9  # sensitivity or specificity


def predict_labels(
    probabilities: ArrayLike, task: LabelTask, thresholds: Sequence[float] | None = None
) -> NDArray[np.bool_]:
    """Return (N, L) predicted labels: the most probable one, or all that reach their threshold (default 0.5)."""
    p = np.asarray(probabilities, dtype=np.float64)
    if task == "single_label":
        return np.asarray(np.arange(p.shape[1]) == p.argmax(axis=1, keepdims=True))
    return np.asarray(p >= (0.5 if thresholds is None else np.asarray(thresholds)))


def best_thresholds(
    y_true: ArrayLike, probabilities: ArrayLike, rule: str = "f1", *, cost: float = 1.0
) -> tuple[float, ...]:
    """Return for each label the best threshold on (N, L) validation data; 0.5 where it never (or always) occurs.

    "f1": of the highest F1. "fmax": one for all labels, of the highest F of the mean precision and recall of a record
    (see `scores.fmax`; records of which all labels are known). "youden": of the highest sensitivity + specificity
    (Youden 1950). "sensitivity_90": the highest that still finds 90 %. "specificity_90": the lowest that still spares
    90 % of those without. "costs": of the lowest cost, where a missed label costs `cost` false alarms. NaN in the truth
    is not known and left out. But for "fmax", a multiple of 0.01, thresholds lie half-way between
    neighbouring probabilities. Of equally good ones the middle one is taken.
    """
    truth, p = np.asarray(y_true, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    if rule not in RULES:
        raise ValueError(f"There is no rule {rule!r} for thresholds; there are {', '.join(RULES)}.")
    known = ~np.isnan(truth)
    if rule == "fmax":
        whole = known.all(axis=1)
        return (fmax_threshold(truth[whole] > 0.5, p[whole]),) * int(truth.shape[1])
    return tuple(
        _best_threshold(truth[known[:, i], i] > 0.5, p[known[:, i], i], rule, cost) for i in range(truth.shape[1])
    )


def _best_threshold(truth: NDArray[np.bool_], score: Floats, rule: str, cost: float) -> float:
    if not truth.any() or (truth.all() and rule != "f1"):
        return 0.5
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    _, last = tie_ends(-ordered)
    ends = np.unique(last)  # predict positive down to one of these
    true = np.cumsum(truth[order], dtype=np.intp)[ends]
    false = np.asarray(ends + 1 - true, np.intp)
    merit = _merit(true, false, int(truth.sum()), int((~truth).sum()), rule, cost)
    best = np.flatnonzero(merit == merit.max())
    end = int(ends[best[len(best) // 2]])
    below = ordered[end + 1] if end + 1 < len(ordered) else 0.0
    return float(np.clip((ordered[end] + below) / 2, 0, 1))


def _merit(true: NDArray[np.intp], false: NDArray[np.intp], m: int, n: int, rule: str, cost: float) -> Floats:
    """Return how good it is to call so many of m positives and n negatives; more is better."""
    if rule == "f1":
        return np.asarray(2 * true / (true + false + m))
    if rule == "costs":
        return np.asarray(-(cost * (m - true) + false), np.float64)
    sensitivity, specificity = true / m, 1 - false / n
    if rule == "youden":
        return np.asarray((true * n - false * m).astype(np.float64))  # whole numbers, so that ties are ties
    if rule == "sensitivity_90":
        return np.where(sensitivity >= WANTED, specificity, -1 + sensitivity)
    return np.where(specificity >= WANTED, sensitivity + 1, specificity)
