"""How often a model that may abstain answers, and how good it is where it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.ml.abstention import Abstention
from backend.ml.evaluation.estimate import Estimate
from backend.ml.evaluation.intervals import proportion, shown
from backend.ml.evaluation.patients import patients_of
from backend.ml.evaluation.thresholds import predict_labels
from backend.ml.spec import LabelTask
from backend.ml.strict_json import ALL_SERVED


@dataclass(frozen=True, kw_only=True)
class LabelAbstention:
    """One label among the records that it is known of; the rates are those of the records that are answered."""

    label: str
    n: int
    n_open: int  # of them left open
    coverage: Estimate  # share that is answered
    recall: Estimate
    specificity: Estimate
    precision: Estimate
    npv: Estimate


@dataclass(frozen=True, kw_only=True)
class AbstentionResult:
    """Answers of a model that accepts the share `error` of errors; `n_open` of the records have a label left open."""

    error: float
    n_open: int
    labels: tuple[LabelAbstention, ...]

    __pydantic_config__: ClassVar = ALL_SERVED


def left_open(abstention: Abstention, outputs: ArrayLike, task: LabelTask) -> NDArray[np.bool_]:
    """Return which of (N, L) labels are left open; of one label out of several that is none of a record, or all."""
    unsure = abstention.undecided(np.asarray(outputs, np.float64), task == "single_label")
    return np.repeat(unsure.any(axis=1, keepdims=True), unsure.shape[1], axis=1) if task == "single_label" else unsure


def with_abstention(
    abstention: Abstention,
    y_true: ArrayLike,
    outputs: ArrayLike,
    labels: Sequence[str],
    task: LabelTask,
    thresholds: Sequence[float],
    patients: Sequence[str | None] | None,
) -> AbstentionResult:
    """Return what (N, L) outputs are worth where the model answers, against truth (N, L), NaN: not known."""
    truth, p = np.asarray(y_true, np.float64), np.asarray(outputs, np.float64)
    unsure, told = left_open(abstention, p, task), predict_labels(p, task, thresholds)
    known = ~np.isnan(truth)
    people = patients_of(len(truth), patients)
    found = []
    for i, label in enumerate(labels):
        here, has, yes = known[:, i] & ~unsure[:, i], truth[:, i] > 0.5, told[:, i]
        n_with, n_without = people.having(here & has), people.having(here & ~has)
        found.append(
            LabelAbstention(
                label=label,
                n=int(known[:, i].sum()),
                n_open=int((known[:, i] & unsure[:, i]).sum()),
                coverage=shown(proportion(~unsure[:, i], known[:, i], people, drawn=True), people.n).estimate,
                recall=shown(proportion(yes, here & has, people, drawn=True), n_with).estimate,
                specificity=shown(proportion(~yes, here & ~has, people, drawn=True), n_without).estimate,
                precision=shown(proportion(has, here & yes, people, drawn=True), n_with, n_without).estimate,
                npv=shown(proportion(~has, here & ~yes, people, drawn=True), n_with, n_without).estimate,
            )
        )
    some = np.asarray((unsure & known).any(axis=1))
    return AbstentionResult(error=abstention.error, n_open=int(some.sum()), labels=tuple(found))
