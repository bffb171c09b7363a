"""95 % intervals that hold for few patients too; docs/statistics.md has formulas, sources and how often each covers.

Every interval rests on an effective number of records: the number there are, divided by the design effect of patients
who have several (Kish 1965). The influence of a record on a number, from which the design effect comes, is also what
ties the numbers of several labels together in their mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, stdtrit

from backend.ml.evaluation.estimate import FEW, NONE, Estimate, Z, too_few
from backend.ml.evaluation.patients import Patients, few, uneven, variance
from backend.ml.evaluation.scores import Floats, auroc_parts, average_precision_parts

MOST = 0.75  # of the labels that occur have to be given for a mean over labels
AP_FLOOR = 0.4  # of the binomial variance over the patients that have the label: less is chance
AP_FREEDOM = 1.5  # times the patients of the smaller side but one: by simulation, as once holds more than 98 %


@dataclass(frozen=True, eq=False)
class Measured:
    """An estimate, and the influence (N,) of each record on it; None where it has none."""

    estimate: Estimate
    influence: Floats | None = None


NOTHING = Measured(NONE)


def wilson(share: float, n: float, z: float = Z) -> tuple[float, float]:
    """Return the interval of a share of n (Wilson 1927, doi:10.1080/01621459.1927.10502953); n need not be whole."""
    square = z * z
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = z * np.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    # At 0 and 1 a bound is the share itself, but for rounding.
    return max(0.0, min(share, float(centre - half))), min(1.0, max(share, float(centre + half)))


def proportion(
    hits: NDArray[np.bool_], among: NDArray[np.bool_], patients: Patients, *, drawn: bool = False
) -> Measured:
    """Return the share of the records `among` (N,) that are `hits` (N,), with Wilson's interval.

    Where patients have several of these records, n is divided by the design effect, from 1 (their records are as
    different as those of others) to its value for records that are all alike. A share of 0 or 1, or of a single
    patient, says nothing of it and is taken as alike. `patients.uneven` widens both. `drawn` says that a patient's
    number `among` depends on what the model says or on who was drawn, as for a predictive value: then Student's t of
    the patients takes the place of the normal distribution.
    """
    n = float(among.sum())
    if not n:
        return NOTHING
    d = among.astype(np.float64)
    share = float((hits & among).sum()) / n
    influence = ((hits & among) - share * d) / n
    z = quantile(max(1, patients.n - 1)) if drawn and patients.several else Z
    return Measured(Estimate(share, *wilson(share, _effective(share, n, among, influence, patients), z)), influence)


def f1(true: NDArray[np.bool_], predicted: NDArray[np.bool_], patients: Patients) -> Measured:
    """Return F1 = 2 J / (1 + J) with the interval of J, the share TP / (TP + FP + FN), put through the same formula."""
    jaccard = proportion(true & predicted, true | predicted, patients, drawn=True)
    share, low, high = jaccard.estimate.value, jaccard.estimate.low, jaccard.estimate.high
    if share is None or low is None or high is None or jaccard.influence is None:
        return NOTHING
    hits = 2 * int((true & predicted).sum())
    value = hits / (hits + int((true ^ predicted).sum()))
    below, above = 2 * low / (1 + low), 2 * high / (1 + high)
    return Measured(Estimate(value, below, above), jaccard.influence * 2 / (1 + share) ** 2)


def _effective(share: float, n: float, among: NDArray[np.bool_], influence: Floats, patients: Patients) -> float:
    if not patients.several:
        return n
    wider, alike = _design_effects(among, patients)
    simple, unsaid = share * (1 - share) / n, few(patients, among) == 0
    if simple == 0 or unsaid:
        return n / alike
    return n / float(np.clip(variance(influence, patients, among) / simple, wider, alike))


def _design_effects(among: NDArray[np.bool_], patients: Patients) -> tuple[float, float]:
    """Return the design effect of records `among` (N,) that differ as those of others do, and of alike ones."""
    each = patients.sums(among.astype(np.float64))
    n, squares = float(each.sum()), float(each @ each)
    wider = float(uneven(n, squares, np.count_nonzero(each)))
    return wider, wider * squares / n


def auroc(true: NDArray[np.bool_], score: Floats, patients: Patients) -> Measured:
    """Return the area under the ROC curve with the interval of Newcombe 2006 (doi:10.1002/sim.2324, method 5).

    It solves (A - a)² = z² V(A) with the variance of Hanley & McNeil 1982, and so stays within 0 and 1 and has a width
    where the two are told apart without fault. The numbers of positives and negatives are divided by the design effect
    of the patients (Obuchowski 1997; without any fault that of records that are all alike) and, where the variance of
    DeLong et al. 1988 is larger than that of Hanley and McNeil, by their ratio.
    """
    area, of_positive, of_negative = auroc_parts(true, score)
    m, n = len(of_positive), len(of_negative)
    if not m or not n:
        return NOTHING
    influence = np.empty(len(true))
    influence[true], influence[~true] = (of_positive - area) / m, (of_negative - area) / n
    delong = sum(
        float(part @ part) / k / max(1, k - 1) for part, k in ((of_positive - area, m), (of_negative - area, n))
    )
    with_it = without = 1.0
    if delong > 0:
        with_it = without = max(1.0, delong / float(_hanley_mcneil(area, m, n)))
        if patients.several:
            with_it = without = with_it * max(1.0, variance(influence, patients, true, ~true) / delong)
    elif patients.several:  # nothing tells how far the records of a patient are alike
        with_it, without = (_design_effects(side, patients)[1] for side in (true, ~true))
    return Measured(Estimate(area, *_newcombe(area, max(m / with_it, 1.5), max(n / without, 1.5))), influence)


def _hanley_mcneil(area: float | Floats, m: float, n: float) -> float | Floats:
    each = (m + n) / 2 - 1
    return area * (1 - area) * (1 + each * (1 - area) / (2 - area) + each * area / (1 + area)) / (m * n)


def _newcombe(area: float, m: float, n: float) -> tuple[float, float]:
    inside, outside = np.full(2, area), np.array([0.0, 1.0])
    for _ in range(40):
        middle = (inside + outside) / 2
        within = (middle - area) ** 2 <= Z * Z * _hanley_mcneil(middle, m, n)
        inside, outside = np.where(within, middle, inside), np.where(within, outside, middle)
    return float(inside[0]), float(inside[1])


def average_precision(true: NDArray[np.bool_], score: Floats, patients: Patients) -> Measured:
    """Return the area under the precision-recall curve with an interval on the logit scale (Boyd et al. 2013).

    The variance is that of the influence of each patient, at least AP_FLOOR of the binomial one over the patients with
    the label; Student's t has AP_FREEDOM degrees of freedom for each patient of the smaller side but one.
    """
    area, influence = average_precision_parts(true, score)
    positive, negative = patients.having(true), patients.having(~true)
    if not positive:
        return NOTHING
    k = min(positive, negative)
    if k < 2:
        return Measured(Estimate(area), influence)
    binomial = area * (1 - area) / positive
    error = np.sqrt(max(variance(influence, patients, true, ~true), AP_FLOOR * binomial))
    if area >= 1:
        return Measured(Estimate(area, wilson(1.0, positive)[0], 1.0), influence)
    told = on_logit(area, float(error), AP_FREEDOM * (k - 1))
    # The logit runs away as the area comes near to 1; Wilson's bound of the same variance does not.
    least = wilson(area, min(positive, area * (1 - area) / error**2))[0] if area < 1 else 0.0
    return Measured(Estimate(area, max(told.low or 0.0, least), told.high), influence)


def on_logit(value: float, error: float, freedom: float | None = None) -> Estimate:
    """Return the interval of a value between 0 and 1 of this standard error, symmetric on the logit scale."""
    if not 0 < value < 1:
        return Estimate(value)
    half = quantile(freedom) * error / (value * (1 - value))
    return Estimate(value, float(expit(logit(value) - half)), float(expit(logit(value) + half)))


def quantile(freedom: float | None) -> float:
    """Return the 97.5th percentile of Student's t, of the normal distribution for None."""
    return Z if freedom is None else float(stdtrit(freedom, 0.975))


def mean(parts: Sequence[Measured], weights: Sequence[float], patients: Patients, *, lowest: float = 0.0) -> Estimate:
    """Return the weighted mean of what is given of several labels; those without a value are left out.

    It is withheld where more than a quarter of the labels that occur are: those that are left would be given by
    accident. Its interval joins theirs (MOVER: Zou & Donner 2008, doi:10.1002/sim.3095), with the correlations of the
    influence of the patients on them. Weights count as fixed. `lowest` is the least that the number can be.
    """
    kept = [(part, weight) for part, weight in zip(parts, weights, strict=True) if part.estimate.value is not None]
    total = sum(weight for _, weight in kept)
    occurring = [part for part in parts if part.estimate.value is not None or part.estimate.withheld]
    if len(kept) < MOST * len(occurring):
        return Estimate(None, withheld=f"only {len(kept)} of {len(occurring)} labels have enough patients")
    if not total:
        return NONE
    share = np.array([weight for _, weight in kept]) / total
    value = np.array([part.estimate.value for part, _ in kept])
    middle = float(share @ value)
    if any(part.estimate.low is None or part.influence is None for part, _ in kept):
        return Estimate(middle)
    each = np.array([patients.sums(part.influence) for part, _ in kept if part.influence is not None])
    length = np.sqrt((each**2).sum(axis=1))
    unit = each / np.where(length == 0, 1, length)[:, None]
    correlation = unit @ unit.T
    np.fill_diagonal(correlation, 1.0)
    below = share * (value - np.array([part.estimate.low for part, _ in kept], np.float64))
    above = share * (np.array([part.estimate.high for part, _ in kept], np.float64) - value)
    low, high = (float(np.sqrt(max(0.0, side @ correlation @ side))) for side in (below, above))
    return Estimate(middle, max(lowest, middle - low), min(1.0, middle + high))


def shown(measured: Measured, *counts: int) -> Measured:
    """Return what is measured on so many patients (with the label, without it), withheld where these are too few."""
    if measured.estimate.value is None or min(counts) >= FEW:
        return measured
    return Measured(Estimate(None, withheld=too_few(min(counts))))
