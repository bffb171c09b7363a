"""How far two readers agree beyond chance: Cohen's kappa with its 95 % interval.

kappa = (p - e) / (1 - e) with p the share of records on which both say the same, and e what chance would give by how
often each of them says what (Cohen 1960, doi:10.1177/001316446002000104).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.ml.evaluation.estimate import FEW, Estimate, too_few
from backend.ml.evaluation.intervals import NOTHING, Measured, quantile, wilson
from backend.ml.evaluation.patients import Patients, variance

Classes = NDArray[np.intp]


def kappa(first: Classes, second: Classes, patients: Patients) -> Measured:
    """Return Cohen's kappa of what two readers say of the same N records, each a class from 0 on, (N,) and (N,).

    The variance is that of Fleiss, Cohen & Everitt 1969 (doi:10.1037/h0028106), as a sum over the influence of each
    record, so that records of one patient count together. The interval is taken on the scale of log(1 - kappa), which
    never passes 1; where the readers agree on everything its lower bound is that of Wilson for the share. Not defined
    where both say one class of everything; withheld where fewer than five patients have another than the commonest.
    """
    if len(first) == 0:
        return NOTHING
    value, chance, influence = _parts(first, second)
    if influence is None:
        return NOTHING
    commonest = np.bincount(np.concatenate([first, second])).argmax()
    others = patients.having((first != commonest) | (second != commonest))
    if others < FEW:
        return Measured(Estimate(None, withheld=too_few(others)))
    if value == 1.0:
        return Measured(Estimate(1.0, _lowest(chance, patients.n), 1.0), influence)
    spread = quantile(patients.n - 1) * float(np.sqrt(variance(influence, patients))) / (1 - value)
    low, high = 1 - (1 - value) * np.exp(spread), 1 - (1 - value) * np.exp(-spread)
    return Measured(Estimate(value, max(-1.0, float(low)), float(high)), influence)


def _parts(first: Classes, second: Classes) -> tuple[float, float, NDArray[np.float64] | None]:
    """Return kappa, the agreement by chance, and the influence (N,) of each record; None where it is not defined."""
    n = len(first)
    k = int(max(first.max(), second.max())) + 1
    p, q = np.bincount(first, minlength=k) / n, np.bincount(second, minlength=k) / n
    same = (first == second).astype(np.float64)
    observed, chance = float(same.mean()), float(p @ q)
    if chance >= 1.0:
        return 0.0, chance, None
    value = (observed - chance) / (1 - chance)
    by_chance = q[first] + p[second] - 2 * chance  # change of `chance` with the weight of a record
    influence = ((same - observed) - (1 - value) * by_chance) / (1 - chance) / n
    return value, chance, influence


def _lowest(chance: float, n: int) -> float:
    """Return the lower bound of kappa where n patients were all agreed on: that of the share, put into the formula."""
    return max(-1.0, (wilson(1.0, n)[0] - chance) / (1 - chance))


def classes_of(labels: Sequence[Sequence[str]], names: Sequence[str]) -> Classes:
    """Number what a reader says of each record by `names`; what is no single one of them is a class of its own."""
    place = {name: number for number, name in enumerate(names)}
    return np.array([place.get(said[0], len(names)) if len(said) == 1 else len(names) for said in labels], np.intp)
