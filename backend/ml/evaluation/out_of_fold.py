"""Out-of-fold outputs: what models that had not seen a record said of it, once in each repeat of a cross-validation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from backend.ml.calibration import Calibration
from backend.ml.evaluation.recalibration import fit_calibration
from backend.ml.evaluation.scores import Floats
from backend.ml.spec import LabelTask, Task


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """`logits` (repeats, M, L) of the records `rows` (M,) of a training; `fold` (repeats, M) tested each of them."""

    rows: NDArray[np.intp]
    fold: NDArray[np.intp]
    logits: NDArray[np.float32]

    @property
    def repeats(self) -> int:
        """How often each record was tested."""
        return len(self.logits)


def ranking(found: OutOfFold, task: Task) -> Floats:
    """Return what ranks records by each label, (repeats, M, L): logits, of one label of several log-probabilities.

    A softmax does not tell by how much all logits of a record are shifted, so that these say nothing between records.
    Unlike probabilities, neither tie near 0 and 1.
    """
    given = found.logits.astype(np.float64)
    return np.asarray(log_softmax(given, axis=-1) if task == "single_label" else given)


def with_prior(
    logits: NDArray[np.float32], y_train: NDArray[np.floating], y: NDArray[np.floating], task: Task
) -> NDArray[np.float32]:
    """Return logits (n, L) of a model trained on `y_train`, as if labels had been as frequent there as in all of `y`.

    A fold that tests more records with a label leaves fewer to learn from. Its model finds the label less likely, for
    all its records alike, and over all folds records with the label would seem to be told worse than by chance.
    """
    shift = _log_prior(y, task) - _log_prior(y_train, task)
    return np.asarray(logits + shift, np.float32)


def _log_prior(y: NDArray[np.floating], task: Task) -> Floats:
    """Return the log of the odds of each label, or of its share where a record has one; half a record is added."""
    n_with = np.asarray(y, np.float64).sum(axis=0) + 0.5
    n = len(y) + 1.0
    return np.asarray(np.log(n_with / n) if task == "single_label" else np.log(n_with / (n - n_with)), np.float64)


def calibration_of(
    logits: NDArray[np.float32], truth: NDArray[np.floating], task: LabelTask, patients: Sequence[str | None] | None
) -> Calibration:
    """Return the mean of the calibrations fitted on each repeat of logits (repeats, M, L) to labels (M, L).

    Repeats are the same records, so that more of them make no calibration surer. A label that one repeat leaves as it
    is is left so.
    """
    each = [fit_calibration(one, truth, task, patients) for one in logits]
    first = each[0]
    if len(each) == 1:
        return first
    fitted = [all(one.fitted(index) for one in each) for index in range(len(first.slopes))]
    return Calibration(
        method=first.method,
        slopes=tuple(_mean([one.slopes[i] for one in each]) if fitted[i] else 1.0 for i in range(len(fitted))),
        intercepts=tuple(_mean([one.intercepts[i] for one in each]) if fitted[i] else 0.0 for i in range(len(fitted))),
        covariances=tuple(
            tuple(np.mean([one.covariances[i] for one in each], axis=0).tolist()) if fitted[i] else ()
            for i in range(len(fitted))
        ),
        positives=first.positives,
        n=first.n,
    )


def stacked(values: NDArray[np.floating], repeats: int) -> NDArray[np.floating]:
    """Return values (M, …) of records once for each repeat, in the order of the logits put together."""
    return np.tile(values, (repeats, *[1] * (values.ndim - 1)))


def persons(patients: Sequence[str | None] | None, n: int, repeats: int) -> list[str]:
    """Return whose each of the `repeats` · n outputs is: of a record without patient, all are of one of its own."""
    names = [f"record {row}" for row in range(n)] if patients is None else [
        patient or f"record {row}" for row, patient in enumerate(patients)
    ]  # fmt: skip
    return names * repeats


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
