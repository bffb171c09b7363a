"""A learning curve: scores of one candidate that learned from less and less, and what twice the data would bring.

It is an extrapolation from the last doubling, from half to all, on a line over the logarithm of the number of records:
as much again. Learning curves mostly flatten (Hestness et al. 2017, arXiv 1712.00409), so that it rather promises too
much, and nothing here is a promise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from backend.ml.evaluation.estimate import Estimate
from backend.ml.evaluation.paired import compare
from backend.ml.spec import Task

SMALL: Final = 0.02
"""Of a mean AUROC or R²: where the last doubling may have brought more than this, it is too uncertain to say."""
Verdict = Literal["gain", "no_gain", "loss", "uncertain", "withheld"]


@dataclass(frozen=True, kw_only=True)
class LearningCurve:
    """What was found, in the order of the shares.

    `last` is by how much all score above half, with an interval by patient; `ahead` is what as much again would bring,
    no further than to a score of 1. It is given where the verdict is "gain". `labels` are those that scores are over.
    """

    n: int
    n_patients: int
    labels: tuple[str, ...]
    scores: tuple[Estimate, ...]
    last: Estimate
    ahead: Estimate | None
    verdict: Verdict


def learning_curve(
    truth: NDArray[np.floating],
    outputs: Sequence[NDArray[np.floating]],
    shares: Sequence[float],
    labels: Sequence[str],
    task: Task,
    patients: Sequence[str | None] | None,
    folds: int,
) -> LearningCurve:
    """Judge out-of-fold outputs, each (repeats, N, L), of a candidate that learned from these ascending shares.

    The last two shares are half and all. Their difference is one planned comparison of the same records, so that its
    interval is that of this pair alone (`paired.compare`), widened as for all that is cross-validated: halves are drawn
    anew for each fold, so that models of different folds learned from no more of the same than those of all did.
    """
    if len(outputs) != len(shares) or tuple(shares[-2:]) != (0.5, 1.0):
        raise ValueError(f"A learning curve ends with half and all, not with {shares}.")
    every = compare(truth, outputs, labels, task, patients, folds)
    (pair,) = compare(truth, outputs[-2:], labels, task, patients, folds).differences
    last = _negative(pair.estimate)  # the pair is half minus all
    verdict = _verdict(last, pair.distinguishable)
    return LearningCurve(
        n=every.n, n_patients=every.n_patients, labels=every.labels, scores=every.estimates, last=last,
        ahead=_ahead(last, every.scores[-1]) if verdict == "gain" else None, verdict=verdict,
    )  # fmt: skip


def _verdict(last: Estimate, distinguishable: bool) -> Verdict:
    if last.value is None or last.high is None:
        return "withheld"
    if distinguishable:
        return "gain" if last.value > 0 else "loss"
    return "no_gain" if last.high < SMALL else "uncertain"


def _ahead(last: Estimate, score: float | None) -> Estimate:
    """Return what as much again would bring: no score is above 1."""
    left = 1 - (score or 0.0)
    value, low, high = (None if one is None else min(one, left) for one in (last.value, last.low, last.high))
    return Estimate(value, low, high)


def _negative(one: Estimate) -> Estimate:
    if one.value is None or one.low is None or one.high is None:
        return one
    return Estimate(-one.value, -one.high, -one.low)
