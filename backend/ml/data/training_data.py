"""What a training run is given, and whether a network can be trained on it. No torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.counted import counted
from backend.ml.data.split import Split
from backend.ml.errors import TrainingImpossibleError
from backend.ml.patient import FEATURES
from backend.ml.spec import Task

FEWEST = 3  # records with a label, and without it


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Preprocessed records, their labels and their division.

    `x` is (N, 12, T) float32, in memory or mapped from a file; `y` (N, L) float32 of 0 and 1, one-hot for a
    single-label task, or values for a regression (NaN where one is not known). `patients`, where known, are used to
    draw the bootstrap of the results by patient. `patient` (N, 4) is what `backend.ml.patient` makes of age and sex.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    split: Split
    patients: tuple[str | None, ...] | None = None
    patient: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if self.x.ndim != 3 or self.y.ndim != 2 or len(self.x) != len(self.y):
            raise ValueError(f"x should be (N, 12, T) and y (N, L), not {self.x.shape} and {self.y.shape}.")
        if self.patient is not None and self.patient.shape != (len(self.x), FEATURES):
            raise ValueError(f"patient should be (N, {FEATURES}), not {self.patient.shape}.")


def check_finite(data: TrainingData) -> None:
    """Raise TrainingImpossibleError where a record holds values that are no numbers."""
    if not all(np.isfinite(data.x[at : at + 1024]).all() for at in range(0, len(data.x), 1024)):  # x may be a file
        raise TrainingImpossibleError("Some preprocessed records hold values that are no numbers. Leave them out.")


def check_trainable(y: NDArray[np.floating], labels: Sequence[str], task: Task) -> None:
    """Raise TrainingImpossibleError where no split of these (N, L) labels could train and test a network.

    A label needs three records, so that each of the three parts can have one; naming the label, the message says
    what to do. Call it before a split is made.
    """
    if task == "regression":
        _check_values(y, labels, "of all records", 10)
        return
    counts = np.asarray(y).sum(axis=0).astype(int)
    present = [label for label, count in zip(labels, counts, strict=True) if count]
    if task == "single_label" and len(present) < 2:
        only = f"all {len(y)} records are “{present[0]}”" if present else "no record has a label"
        raise TrainingImpossibleError(
            f"A network learns to tell classes apart, but {only}. Add records of a second class."
        )
    for label, count in zip(labels, counts, strict=True):
        if count < FEWEST:
            raise TrainingImpossibleError(
                f"The label “{label}” has {counted(count, 'record')}; at least {FEWEST} are needed, one "
                "each to train, validate and test, and some dozens to learn from. Add records, or leave the label out."
            )
    for label, count in zip(labels, counts, strict=True):
        if task == "multi_label" and len(y) - count < FEWEST:
            raise TrainingImpossibleError(
                f"The label “{label}” is set on {count} of {len(y)} records, so that there is nothing to tell it from. "
                "Add records without it, or leave the label out."
            )


def _check_values(y: NDArray[np.floating], labels: Sequence[str], where: str, fewest: int) -> None:
    for label, values in zip(labels, np.asarray(y).T, strict=True):
        known = values[~np.isnan(values)]
        if len(known) < fewest:
            raise TrainingImpossibleError(
                f"The value “{label}” is known {where} for {len(known)}; at least {fewest} are needed, and some "
                "hundreds to learn well. Add records, or leave the value out."
            )
        if known.min() == known.max():
            raise TrainingImpossibleError(
                f"The value “{label}” is {known[0]:g} {where} that have it, so that there is nothing to learn. "
                "Leave it out, or add records with other values."
            )


def check_parts(
    data: TrainingData, labels: Sequence[str], task: Task, needed: Sequence[str] = ("train", "validation", "test")
) -> None:
    """Raise TrainingImpossibleError where a part that is `needed` is empty, or the training part has nothing to learn.

    A label that none of its records has, or all, cannot be learned.
    """
    for name in needed:
        if not len(getattr(data.split, name)):
            raise TrainingImpossibleError(f"The {name} part has no records. Add records, or change the split column.")
    y = data.y[data.split.train]
    if len(y) < 2:
        raise TrainingImpossibleError("The train part has a single record. Add records.")
    if task == "regression":
        _check_values(y, labels, "of the training records", 2)
        return
    for label, count in zip(labels, y.sum(axis=0).astype(int), strict=True):
        if count in (0, len(y)):
            raise TrainingImpossibleError(
                f"The train part has the label “{label}” on {count} of its {len(y)} records, so that it cannot be "
                "learned. Add records, change the split column, or leave the label out."
            )
