"""Whether probabilities are frequencies: reliability bins, calibration error, Brier score, slope, intercept."""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from backend.ml.evaluation.estimate import FEW, Estimate, too_few
from backend.ml.evaluation.intervals import on_logit, proportion, quantile
from backend.ml.evaluation.patients import Patients, few, variance
from backend.ml.evaluation.scores import Floats
from backend.ml.strict_json import ALL_SERVED

BINS: Final = 10  # of equal width
NEAREST = 1e-6  # to 0 and 1 that a probability is taken to be, where its logit is needed
FEW_FOR_A_LINE: Final = 10  # patients with the label, and without it
STEPS = 50
STEEPEST = 100.0


@dataclass(frozen=True, kw_only=True)
class Bin:
    """The records whose probability lies from `low` to `high`: what was said on average, and what was so."""

    low: float
    high: float
    n: int
    predicted: float  # mean probability
    observed: Estimate  # share that has the label

    __pydantic_config__: ClassVar = ALL_SERVED


@dataclass(frozen=True, kw_only=True)
class CalibrationResult:
    """How far the probabilities of one label are frequencies.

    `slope` is that of a logistic regression of the label on the logit of the probability: below 1, probabilities are
    too extreme. `intercept`, with the slope held at 1, is below 0 where they are too high (Van Calster et al. 2019,
    doi:10.1186/s12916-019-1466-7). `ece_by_chance` is the ECE to be expected of as many records by right probabilities.
    """

    brier: Estimate
    ece: float | None
    ece_by_chance: float | None
    slope: Estimate
    intercept: Estimate
    bins: tuple[Bin, ...]

    __pydantic_config__: ClassVar = ALL_SERVED


@dataclass(frozen=True)
class Fit:
    """A logistic regression logit P(y) = intercept + slope · x; covariance is (slope, both, intercept)."""

    slope: float
    intercept: float
    covariance: tuple[float, float, float]


def calibration(true: NDArray[np.bool_], p: Floats, patients: Patients) -> CalibrationResult:
    """Judge the probabilities p (N,) of one label against the truth (N,).

    Numbers that rest on too few patients are withheld (of the calibration error: None). Which bins are shown depends
    on the probabilities alone: to show them only where enough have the label would show those with too many of them.
    """
    fewest = min(patients.having(true), patients.having(~true))
    expected, chance = ece(true, p) if fewest >= FEW else (None, None)
    few = Estimate(None, withheld=too_few(fewest))
    brier = slope = intercept = few
    if fewest >= FEW:
        squared = (p - true) ** 2
        mean = float(squared.mean())
        brier = on_logit(mean, float(np.sqrt(variance((squared - mean) / len(p), patients))), fewest - 1)
    if fewest >= FEW_FOR_A_LINE:
        x = logit(np.clip(p, NEAREST, 1 - NEAREST))
        slope = _slope(x, true, patients, fewest)
        intercept = _intercept(x, true, patients, fewest)
    return CalibrationResult(
        brier=brier, ece=expected, ece_by_chance=chance, slope=slope, intercept=intercept,
        bins=_bins(true, p, patients),
    )  # fmt: skip


def ece(true: NDArray[np.bool_], p: Floats) -> tuple[float | None, float | None]:
    """Return the expected calibration error of truth and probabilities (N,), and its mean were they right.

    Mean over the records of |mean probability - share with the label| of their bin, of BINS of equal width (Naeini
    et al. 2015). By chance alone a bin of n records is off by about √(2/π · Σ p(1-p)) / n.
    """
    if not len(p):
        return None, None
    place = np.minimum((p * BINS).astype(np.intp), BINS - 1)
    gap = np.abs(np.bincount(place, p - true, BINS)).sum() / len(p)
    chance = np.sqrt(2 / np.pi * np.bincount(place, p * (1 - p), BINS)).sum() / len(p)
    return float(gap), float(chance)


def _bins(true: NDArray[np.bool_], p: Floats, patients: Patients) -> tuple[Bin, ...]:
    """Return the bins that hold records, those of fewer than FEW patients joined with their neighbours.

    The truth must not decide which are joined: an interval holds the share to be expected of records like those in it.
    """
    place = np.minimum((p * BINS).astype(np.intp), BINS - 1)
    runs: list[tuple[int, int]] = []  # the first and the last bin of each row
    start: int | None = None
    for number in np.unique(place).tolist():
        start = number if start is None else start
        if patients.having((place >= start) & (place <= number)) >= FEW:
            runs.append((start, number))
            start = None
    if start is not None and runs:
        runs[-1] = (runs[-1][0], int(place.max()))
    found = []
    for first, last in runs:
        inside = (place >= first) & (place <= last)
        found.append(
            Bin(
                low=first / BINS, high=(last + 1) / BINS, n=int(inside.sum()), predicted=float(p[inside].mean()),
                observed=proportion(true, inside, patients).estimate,
            )
        )  # fmt: skip
    return tuple(found)


def fit_logistic(x: Floats, y: Floats, patients: Patients, prior: tuple[float, float] | None = None) -> Fit | None:
    """Fit y (N,), 0 to 1, on x (N,) by maximum likelihood, with a covariance that draws patients (Huber-White).

    `prior` are the standard deviations with which a slope is expected near 1, an intercept near 0. None where there is
    no maximum, as where x tells all apart.
    """
    design = np.column_stack([x, np.ones(len(x))])
    middle = np.array([1.0, 0.0])
    penalty = np.zeros(2) if prior is None else 1 / np.array(prior) ** 2

    def loss(beta: Floats) -> float:
        z = design @ beta
        return float((np.logaddexp(0, z) - y * z).sum() + penalty @ (beta - middle) ** 2 / 2)

    beta = middle
    for _ in range(STEPS):
        p = expit(design @ beta)
        hessian = (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        if np.linalg.cond(hessian) > 1e12:
            return None
        step = np.linalg.solve(hessian, design.T @ (y - p) - penalty * (beta - middle))
        if np.abs(step).max() < 1e-9:
            break
        before = loss(beta)
        for _ in range(STEPS):  # Newton's step, halved until it is one downwards
            if loss(beta + step) <= before:
                break
            step = step / 2
        beta = beta + step
        if np.abs(beta).max() > STEEPEST:
            return None
    else:
        return None
    inverse = np.linalg.inv(hessian)
    residual = y - expit(design @ beta)
    # Each record is a bit too near to a line that it helped to draw (HC2).
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design) * p * (1 - p)
    score = design * (residual / np.sqrt(np.maximum(1 - leverage, 0.1)))[:, None]
    sums = np.column_stack([patients.sums(score[:, 0]), patients.sums(score[:, 1])]) if patients.several else score
    covariance = inverse @ (sums.T @ sums * few(patients) + np.diag(penalty)) @ inverse
    return Fit(
        float(beta[0]), float(beta[1]), (float(covariance[0, 0]), float(covariance[0, 1]), float(covariance[1, 1]))
    )


def _slope(x: Floats, true: NDArray[np.bool_], patients: Patients, fewest: int) -> Estimate:
    fit = fit_logistic(x, true.astype(np.float64), patients)
    if fit is None:
        with_it, without = x[true], x[~true]
        if np.ptp(x) and (with_it.min() >= without.max() or with_it.max() <= without.min()):
            return Estimate(None, withheld="not to be fitted: the model tells all of these apart")
        return Estimate(None, withheld="not to be fitted: the model says nearly the same of all")
    half = quantile(fewest - 1) * float(np.sqrt(fit.covariance[0]))
    return Estimate(fit.slope, fit.slope - half, fit.slope + half)


def _intercept(x: Floats, true: NDArray[np.bool_], patients: Patients, fewest: int) -> Estimate:
    value = 0.0
    for _ in range(STEPS):
        p = expit(x + value)
        step = float((true - p).sum() / max((p * (1 - p)).sum(), 1e-12))
        value += float(np.clip(step, -2, 2))
        if abs(step) < 1e-9:
            break
    influence = (true - p) / max(float((p * (1 - p)).sum()), 1e-12)
    half = quantile(fewest - 1) * float(np.sqrt(variance(influence, patients)))
    return Estimate(value, value - half, value + half)
