"""The rates of a label at each of many thresholds, so that a page can move the threshold and ask nobody.

Wilson's interval of a share depends on z² / n alone: of patients with several records on the effective number of
records, and with Student's t in place of z on fewer still. `effective` gives that number at every threshold.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from backend.ml.evaluation.estimate import Z
from backend.ml.evaluation.intervals import quantile
from backend.ml.evaluation.patients import LEAST, Patients, uneven
from backend.ml.evaluation.scores import Floats
from backend.ml.strict_json import ALL_SERVED

STEPS: Final = 1000
"""Thresholds are k / STEPS, k from 0 to STEPS."""
_DIGITS: Final = 4
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class EffectiveNumbers:
    """How many independent records each rate of a label rests on, from the threshold steps[i] / STEPS on.

    Wilson's 95 % interval with this number for n is that of `backend.ml.evaluation.intervals.proportion`; 0: of none.
    """

    steps: tuple[int, ...]  # rising, the first is 0; between two of them nothing changes
    sensitivity: tuple[float, ...]
    specificity: tuple[float, ...]
    precision: tuple[float, ...]
    npv: tuple[float, ...]

    __pydantic_config__: ClassVar = ALL_SERVED


def reaching(score: Floats) -> tuple[int, ...]:
    """Return how many of the scores (N,) reach each k / STEPS."""
    below = np.searchsorted(np.sort(score), np.arange(STEPS + 1) / STEPS, side="left")
    return tuple((len(score) - below).tolist())


def effective(true: Bools, score: Floats, patients: Patients) -> EffectiveNumbers | None:
    """Return the effective numbers of one label of truth (N,) and score (N,), 0 to 1; None where nobody has several."""
    if not patients.several:
        return None
    sensitivity, precision = _numbers(true, score, patients, told=True)
    specificity, npv = _numbers(~true, score, patients, told=False)
    table = np.array([sensitivity, specificity, precision, npv])
    changes = np.flatnonzero(np.concatenate([[True], (np.diff(table, axis=1) != 0).any(axis=0)]))
    lines = [tuple(line) for line in table[:, changes].tolist()]
    return EffectiveNumbers(
        steps=tuple(changes.tolist()), sensitivity=lines[0], specificity=lines[1], precision=lines[2], npv=lines[3]
    )


def _numbers(right: Bools, score: Floats, patients: Patients, *, told: bool) -> tuple[Floats, Floats]:
    """Return two effective numbers at each threshold, of the records told to have the label, or told not to.

    That of the share of all those who are `right` (N,) that are told so, and that of the share of those told so who
    are right. Both need sums over patients of the products of how many of their records are right, told so, or both.
    These are had by adding a patient's records one by one, those first that are told so at most thresholds.
    """
    step = np.searchsorted(np.arange(STEPS + 1) / STEPS, score, side="right") - 1  # the highest threshold it reaches
    order = np.lexsort((-step if told else step, patients.group))
    step, hit, group = step[order], right[order].astype(np.int64), patients.group[order]
    start = np.searchsorted(group, group)  # of the patient's records
    before = np.cumsum(hit) - hit
    hits_before, all_before = before - before[start], np.arange(len(hit)) - start
    of_patient = np.asarray(np.bincount(group, hit, patients.n), np.int64)

    def at(increments: Ints) -> Ints:
        added = np.asarray(np.bincount(step, increments, STEPS + 1), np.int64)
        return np.cumsum(added[::-1])[::-1] if told else np.concatenate([[0], np.cumsum(added)[:-1]])

    hits, squares = at(hit), at(hit * (2 * hits_before + 1))
    every, ones = np.full(STEPS + 1, hit.sum()), np.ones_like(hit)
    of_all = _effective(
        hits, every, squares, np.full(STEPS + 1, (of_patient**2).sum()), at(hit * of_patient[group]),
        np.full(STEPS + 1, np.count_nonzero(of_patient)),
    )  # fmt: skip
    people = at((all_before == 0).astype(np.int64))
    products = at(hit * all_before + hits_before + hit)
    of_told = _effective(hits, at(ones), squares, at(2 * all_before + 1), products, people)
    wider = quantile(max(1, patients.n - 1)) / Z
    return _rounded(of_all), _rounded(of_told / wider**2)


def _effective(hits: Ints, among: Ints, hits2: Ints, among2: Ints, both: Ints, people: Ints) -> Floats:
    """Return how many independent records the share hits / among is worth, as `intervals.proportion` has it.

    The latter three are sums over patients of squares and products of their numbers of records.
    """
    n = np.maximum(among, 1)
    share = hits / n
    squares = np.maximum(0, hits2 - 2 * share * both + share**2 * among2)
    wider, equal = uneven(among, among2, people), among**2 / np.maximum(among2, 1)
    variance = wider * squares / n**2 * equal / np.maximum(equal - 1, LEAST) * (people > 1)
    alike, simple = wider * np.maximum(among2 / n, 1), share * (1 - share) / n
    unsaid = (simple == 0) | (people < 2)
    effect = np.where(unsaid, alike, np.clip(variance / np.where(unsaid, 1, simple), wider, alike))
    return np.asarray(np.where(among == 0, 0.0, among / np.where(among == 0, 1, effect)))


def _rounded(values: Floats) -> Floats:
    return np.array([float(f"{value:.{_DIGITS}g}") for value in values.tolist()])
