"""How repeats of a cross-validation come together: means, intervals that repeats make no narrower, and the spread."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, ClassVar, Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from backend.language.sentence import Sentence
from backend.ml.evaluation import scores
from backend.ml.evaluation.estimate import Estimate
from backend.ml.evaluation.out_of_fold import OutOfFold
from backend.ml.evaluation.scores import Floats
from backend.ml.spec import ModelSpec, Task
from backend.ml.strict_json import ALL_SERVED

T = TypeVar("T")
_BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "mae": (0, np.inf), "rmse": (0, np.inf), "r2": (-np.inf, 1), "macro_r2": (-np.inf, 1),
    "pearson": (-1, 1), "macro_pearson": (-1, 1),
}  # fmt: skip
_ANY: Final = ("slope", "intercept", "bias", "lower_limit", "upper_limit", *_BOUNDS)
"""Estimates that are no shares: those are widened on their own scale, within these bounds."""


@dataclass(frozen=True, kw_only=True)
class FoldSpread:
    """How much a number differs between repeats, or between folds: no interval, which tells of other patients.

    `label` is None for one over all labels. `n` are the repeats or folds that define it.
    """

    measure: str
    label: str | None
    sd: float | None  # of a single one there is none
    lowest: float
    highest: float
    n: int

    __pydantic_config__: ClassVar = ALL_SERVED


@dataclass(frozen=True, kw_only=True)
class CrossValidation:
    """How a cross-validation was done; `spread` is over repeats, or over folds where there is one repeat.

    `divided_by` is "source" where each fold is what comes from one source, such as a device. Which they are is not
    told: this goes with the package of a model, and a source may be called by a place.
    """

    folds: int
    repeats: int
    n_only_trained: int  # records that a base model has seen, which are in no fold
    kept: Sentence  # what the model that is kept has learned from, and how it was chosen
    over: Literal["repeats", "folds"]
    spread: tuple[FoldSpread, ...] = ()
    divided_by: Literal["patient", "source"] = "patient"

    __pydantic_config__: ClassVar = ALL_SERVED


def widening(folds: int) -> float:
    """Return by what the variance of one repeat is multiplied: 1 + K / (K - 1), and 1 where K is 1: no folds.

    Its folds learn from nearly the same records, so that they err together (Nadeau & Bengio 2003,
    doi:10.1023/A:1024068626366): to 1 / K of a fold's variance comes the ratio of tested to learned records. Repeats
    would take from the first part only, and are not counted.
    """
    return 1 + folds / (folds - 1) if folds > 1 else 1.0


def widened(value: float, bound: float, factor: float) -> float:
    """Return the bound of a share whose variance is `factor` times as large.

    Wilson's bound b of a share p solves (p - b)² = z² b (1 - b) / n; n becomes n / factor.
    """
    if not 0 < bound < 1 or bound == value:
        return bound
    k = factor * (value - bound) ** 2 / (bound * (1 - bound))
    half = np.sqrt(k * value * (1 - value) + k * k / 4)
    found = (value + k / 2 + (half if bound > value else -half)) / (1 + k)
    return float(np.clip(found, 0, 1))


def mean_over_repeats(results: Sequence[T], folds: int) -> T:
    """Return evaluations of the same records, one a repeat, as one.

    Counts of confusion matrices are means, rounded so that rows keep their sums. Of lists that differ in length the
    first is taken.
    """
    found: T = _mean("", results, widening(folds))
    return found


def _mean(name: str, items: Sequence[Any], factor: float) -> Any:
    first = next((item for item in items if item is not None), None)
    if isinstance(first, Estimate):
        return _mean_estimate(name, items, factor)
    if name == "confusion" and first is not None:
        return _rounded(np.mean(items, axis=0))
    if is_dataclass(first) and not isinstance(first, type):
        if any(item is None for item in items):
            return first
        changed = {
            one.name: _mean(one.name, [getattr(item, one.name) for item in items], factor) for one in fields(first)
        }
        return replace(first, **changed)
    if isinstance(first, tuple) and first and is_dataclass(first[0]) and len({len(item) for item in items}) == 1:
        return tuple(_mean(name, each, factor) for each in zip(*items, strict=True))
    numbers = [item for item in items if item is not None]
    if isinstance(first, float):
        return float(np.mean(numbers))
    if isinstance(first, int) and not isinstance(first, bool):
        return round(float(np.mean(numbers)))
    return items[0]


def _mean_estimate(name: str, items: Sequence[Estimate], factor: float) -> Estimate:
    given = [item for item in items if item.value is not None]
    if not given:
        return items[0]
    value = float(np.mean([item.value for item in given]))
    bounds = [(item.low, item.high) for item in given if item.low is not None and item.high is not None]
    if not bounds:
        return Estimate(value)
    low, high = (float(side) for side in np.mean(bounds, axis=0))
    if name in _ANY:
        least, most = _BOUNDS.get(name, (-np.inf, np.inf))
        root = float(np.sqrt(factor))
        low, high = max(least, value - root * (value - low)), min(most, value + root * (high - value))
        return Estimate(value, low, high)
    return Estimate(value, widened(value, low, factor), widened(value, high, factor))


def _rounded(matrix: NDArray[np.float64]) -> tuple[tuple[int, ...], ...]:
    """Return whole numbers whose rows have the sums of the rows of `matrix`: the largest remainders are rounded up."""
    rows = []
    for row in matrix:
        whole = np.floor(row + 1e-9).astype(int)
        missing = round(float(row.sum())) - int(whole.sum())
        whole[np.argsort(-(row - whole), kind="stable")[:missing]] += 1
        rows.append(tuple(whole.tolist()))
    return tuple(rows)


def spread_of(
    spec: ModelSpec,
    truth: Floats,
    found: OutOfFold,
    called: NDArray[np.bool_] | None,
    withheld: Sequence[str] = (),
) -> tuple[FoldSpread, ...]:
    """Return how measures differ between repeats of out-of-fold outputs, or between folds where there is one.

    `called` (repeats, M, L) are the labels that were said; those `withheld` are left out.
    """
    groups = [(place, np.ones(len(truth), bool)) for place in range(found.repeats)]
    if found.repeats == 1:
        groups = [(0, found.fold[0] == number) for number in np.unique(found.fold[0])]
    values: dict[tuple[str, str], list[float]] = {}
    for place, rows in groups:
        for i, label in enumerate(spec.labels):
            if label in withheld:
                continue
            said = None if called is None else called[place, rows, i]
            for measure, value in _measures(spec.task, truth[rows, i], found.logits[place, rows, i], said).items():
                values.setdefault((measure, label), []).append(value)
    every = [*_macro(values, len(groups)).items(), *values.items()]
    return tuple(_spread(measure, label, many) for (measure, label), many in every)


def _spread(measure: str, label: str | None, values: Sequence[float]) -> FoldSpread:
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return FoldSpread(
        measure=measure, label=label, sd=sd, lowest=float(min(values)), highest=float(max(values)), n=len(values)
    )


def _macro(values: Mapping[tuple[str, str], list[float]], groups: int) -> dict[tuple[str, str | None], list[float]]:
    """Return the means over labels, group by group, of measures that every group defines for every label."""
    found: dict[tuple[str, str | None], list[float]] = {}
    for measure in dict.fromkeys(name for name, _ in values if name in _MACRO):
        columns = [many for (name, _), many in values.items() if name == measure]
        if all(len(many) == groups for many in columns):
            found[_MACRO[measure], None] = np.mean(columns, axis=0).tolist()
    return found


_MACRO: Final[Mapping[str, str]] = {"auroc": "macro_auroc", "f1": "macro_f1", "r2": "macro_r2"}


def _measures(task: Task, truth: Floats, output: Floats, called: NDArray[np.bool_] | None) -> dict[str, float]:
    """Return what is defined of one label, or of one value of a regression."""
    if task == "regression":
        known = ~np.isnan(truth)
        if not known.any():
            return {}
        error, around = output[known] - truth[known], truth[known] - truth[known].mean()
        total = float(around @ around)
        found = {"mae": float(np.abs(error).mean())}
        return found | ({"r2": 1 - float(error @ error) / total} if total > 0 else {})
    true = truth > 0.5
    measures: dict[str, Callable[[], float]] = {}
    if true.any() and not true.all():
        measures["auroc"] = lambda: float(scores.auroc(true, output))
    if called is not None and true.any():
        hits = float((true & called).sum())
        measures["f1"] = lambda: 2 * hits / (2 * hits + float((true ^ called).sum()))
        measures["recall"] = lambda: hits / float(true.sum())
    if called is not None and not true.all():
        measures["specificity"] = lambda: float((~true & ~called).sum()) / float((~true).sum())
    return {name: measure() for name, measure in measures.items()}
