"""Candidates compared on the same records: which of them tell labels apart better, by more than chance.

Each candidate has answered for the same records, which it had not seen. Whatever makes a record hard makes it hard for
all of them, so that differences are known better than the scores themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from backend.ml.evaluation.classification import check_numbers
from backend.ml.evaluation.estimate import FEW, Estimate, too_few
from backend.ml.evaluation.fold_spread import widening
from backend.ml.evaluation.intervals import on_logit, quantile
from backend.ml.evaluation.patients import Patients, patients_of
from backend.ml.evaluation.scores import Floats, auroc_parts
from backend.ml.spec import Task

DRAWS: Final = 20_000  # of the largest difference; the 95th percentile is then known to about one in a hundred
LEVEL: Final = 0.95
_SEED: Final = 20_080_601


@dataclass(frozen=True, kw_only=True)
class Difference:
    """By how much candidate `first` scores above candidate `second`; the intervals of all pairs hold together.

    `p` is corrected for the number of pairs. Both are None where the records say nothing of either.
    """

    first: int
    second: int
    estimate: Estimate
    p: float | None

    @property
    def distinguishable(self) -> bool:
        """Whether the difference is more than chance gives."""
        return self.p is not None and self.p < 1 - LEVEL


@dataclass(frozen=True, kw_only=True)
class Paired:
    """Scores of the candidates on the same n records, and the differences of all pairs.

    A score is the mean AUROC over the labels `labels`, for values the mean R²; None where it is withheld. `estimates`
    are the same with an interval, each by itself.
    """

    n: int
    n_patients: int
    labels: tuple[str, ...]
    scores: tuple[float | None, ...]
    differences: tuple[Difference, ...]
    withheld: str | None = None
    estimates: tuple[Estimate, ...] = ()


def compare(
    truth: NDArray[np.floating],
    outputs: Sequence[NDArray[np.floating]],
    labels: Sequence[str],
    task: Task,
    patients: Sequence[str | None] | None,
    folds: int,
) -> Paired:
    """Compare what candidates gave, each (repeats, N, L), with the truth (N, L), NaN where it is not known.

    The variance of a difference is that of the influence of each patient on it (DeLong et al. 1988), widened as
    `fold_spread.widening` says, since models of different folds learned from nearly the same records. Intervals and p
    hold for all pairs together: the quantile is that of the largest of all differences, drawn with their covariance
    (single-step max-t, Hothorn, Bretz & Westfall 2008, doi:10.1002/bimj.200810425), of Student's t with as many degrees
    of freedom as patients carry the differences. Labels with fewer than five patients on either side are left out.
    A difference to which nobody contributes more than others, such as of a candidate that tells all apart to one that
    tells all the same, gets the largest error that it could have.
    Raises ModelInvalidError for outputs that are no numbers.
    """
    y = np.asarray(truth, np.float64)
    for one in outputs:
        check_numbers(np.asarray(one, np.float64).reshape(-1, one.shape[-1]))
    people = patients_of(len(y), patients)
    told = [place for place in range(y.shape[1]) if _enough(y[:, place], people, task)]
    names = tuple(labels[place] for place in told)
    pairs = [(a, b) for a in range(len(outputs)) for b in range(a + 1, len(outputs))]
    if not told:
        fewest = too_few(min(_sides(y[:, place], people, task) for place in range(y.shape[1])))
        nothing = Estimate(None, withheld=fewest)
        none = tuple(Difference(first=a, second=b, estimate=nothing, p=None) for a, b in pairs)
        return Paired(
            n=len(y), n_patients=people.n, labels=names, scores=(None,) * len(outputs), differences=none,
            withheld=fewest, estimates=(nothing,) * len(outputs),
        )  # fmt: skip
    measured = [_mean_over_repeats(y[:, told], one[:, :, told], task) for one in outputs]
    scores, influence = [value for value, _ in measured], np.array([people.sums(one) for _, one in measured])
    return Paired(
        n=len(y),
        n_patients=people.n,
        labels=names,
        scores=tuple(scores),
        differences=_differences(scores, influence, pairs, folds, _largest_error(y[:, told], people, task, folds)),
        estimates=tuple(_alone(score, own, folds, task) for score, own in zip(scores, influence, strict=True)),
    )


def _alone(score: float, influence: Floats, folds: int, task: Task) -> Estimate:
    """Return a score with its interval from the influence (patients,) on it; a mean AUROC's on the logit scale."""
    n = len(influence)
    error = float(np.sqrt(influence @ influence * n / max(1, n - 1) * widening(folds)))
    freedom = _freedom(influence[None])
    if task != "regression":
        return on_logit(score, error, freedom)
    half = quantile(freedom) * error
    return Estimate(score, score - half, min(1.0, score + half))


def _largest_error(y: Floats, people: Patients, task: Task, folds: int) -> tuple[float, int]:
    """Return the standard error of the difference of two independent AUROCs of 0.5, and its degrees of freedom.

    That is Wilcoxon's, (m + n + 1) / 12mn, of the label with the fewest patients on one side.
    """
    few = min(_sides(y[:, place], people, task) for place in range(y.shape[1]))
    return float(np.sqrt(2 * (people.n + 1) / (12 * few * max(1, people.n - few)) * widening(folds))), max(1, few - 1)


def _differences(
    scores: Sequence[float],
    influence: Floats,
    pairs: Sequence[tuple[int, int]],
    folds: int,
    most: tuple[float, int],
) -> tuple[Difference, ...]:
    """Return the differences of pairs from the influence (candidates, patients) on each score.

    `most` is the error, with its degrees of freedom, of a difference to which nobody contributes more than others; it
    is corrected for the number of pairs by Bonferroni.
    """
    if not pairs:
        return ()
    n = influence.shape[1]
    covariance = influence @ influence.T * n / max(1, n - 1) * widening(folds)
    between = np.array([influence[a] - influence[b] for a, b in pairs])
    error = np.sqrt(np.maximum(0, [covariance[a, a] + covariance[b, b] - 2 * covariance[a, b] for a, b in pairs]))
    apart = error > 1e-12
    largest = _largest(covariance, pairs, error, apart, _freedom(between[apart]))
    limit = float(np.quantile(largest, LEVEL))
    found = []
    for place, (a, b) in enumerate(pairs):
        value, half = scores[a] - scores[b], limit * float(error[place])
        if not apart[place] and abs(value) > 1e-12:
            found.append(_at_most(a, b, value, len(pairs), *most))
            continue
        # One more than drawn: a p of 0 cannot be known by drawing.
        beyond = int((largest >= abs(value) / error[place]).sum()) + 1 if apart[place] else DRAWS + 1
        estimate = Estimate(value, value - half, value + half)
        found.append(Difference(first=a, second=b, estimate=estimate, p=beyond / (DRAWS + 1)))
    return tuple(found)


def _at_most(a: int, b: int, value: float, n_pairs: int, error: float, freedom: int) -> Difference:
    half = float(student.ppf(1 - (1 - LEVEL) / 2 / n_pairs, freedom)) * error
    p = min(1.0, 2 * n_pairs * float(student.sf(abs(value) / error, freedom)))
    return Difference(first=a, second=b, estimate=Estimate(value, max(-1.0, value - half), min(1.0, value + half)), p=p)


def _largest(
    covariance: Floats, pairs: Sequence[tuple[int, int]], error: Floats, apart: NDArray[np.bool_], freedom: float
) -> Floats:
    """Draw the largest |t| of all pairs where no candidate is better than another."""
    random = np.random.default_rng(_SEED)
    values, vectors = np.linalg.eigh(covariance)
    drawn = random.standard_normal((DRAWS, len(values))) @ (vectors * np.sqrt(np.maximum(0, values))).T
    drawn /= np.sqrt(random.chisquare(freedom, DRAWS) / freedom)[:, None]
    t = [np.abs(drawn[:, a] - drawn[:, b]) / error[place] for place, (a, b) in enumerate(pairs) if apart[place]]
    return np.asarray(np.max(t, axis=0) if t else np.zeros(DRAWS))


def _freedom(between: Floats) -> float:
    """Return how many patients carry the differences (pairs, patients), less one: the fewest of all pairs."""
    square = between**2
    carrying = square.sum(axis=1) ** 2 / np.maximum((square**2).sum(axis=1), 1e-300)
    return max(1.0, float(carrying.min(initial=np.inf)) - 1) if len(between) else 1.0


def _mean_over_repeats(y: Floats, outputs: NDArray[np.floating], task: Task) -> tuple[float, Floats]:
    """Return the score of (repeats, N, L) outputs, and the influence (N,) of each record on it."""
    parts = [
        (_r2 if task == "regression" else _auroc)(y[:, place], np.asarray(one[:, place], np.float64))
        for one in outputs
        for place in range(y.shape[1])
    ]
    return float(np.mean([value for value, _ in parts])), np.mean([influence for _, influence in parts], axis=0)


def _auroc(y: Floats, score: Floats) -> tuple[float, Floats]:
    influence = np.zeros(len(y))
    known = np.flatnonzero(~np.isnan(y))
    true = y[known] > 0.5
    area, of_positive, of_negative = auroc_parts(true, score[known])
    influence[known[true]] = (of_positive - area) / len(of_positive)
    influence[known[~true]] = (of_negative - area) / len(of_negative)
    return area, influence


def _r2(y: Floats, value: Floats) -> tuple[float, Floats]:
    influence = np.zeros(len(y))
    known = np.flatnonzero(~np.isnan(y))
    squares, spread = (y[known] - value[known]) ** 2, (y[known] - y[known].mean()) ** 2
    left = float(squares.sum() / spread.sum())
    influence[known] = -(squares - left * spread) / spread.sum()
    return 1 - left, influence


def _enough(y: Floats, people: Patients, task: Task) -> bool:
    spread = task != "regression" or np.nanstd(y) > 0
    return _sides(y, people, task) >= FEW and bool(spread)


def _sides(y: Floats, people: Patients, task: Task) -> int:
    """Return of how many patients a label, or its absence, is known at least; for values of how many they are."""
    known = ~np.isnan(y)
    if task == "regression":
        return people.having(known)
    true = known & (y > 0.5)
    return min(people.having(true), people.having(known & ~true))
