"""What a dataset knows of the labels of a model, and how well the model's outputs fit it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.counted import counted
from backend.ml.evaluation import evaluate
from backend.ml.spec import ModelSpec

NAMED = 5  # labels that a note names


class Labelled(Protocol):
    """A row of a dataset: its labels, or for a regression a value (None: not known) for each column."""

    @property
    def labels(self) -> Sequence[str]: ...  # noqa: D102

    @property
    def values(self) -> Sequence[Any]: ...  # noqa: D102


def truth(rows: Sequence[Labelled], labels: Sequence[str], columns: Sequence[str], task: str) -> NDArray[np.float64]:
    """Return (N, L): which of `labels` each row has, 0 or 1, or for a regression its values.

    `columns` are all labels of the dataset, in the order of the rows' values. NaN is what is not known: a value that a
    row lacks, and a label or value of which the dataset has no column; where one label of several applies, a label that
    the dataset does not have is known to be another than that of the row.
    """
    if task != "regression":
        known: list[list[Any]] = [[label in row.labels for label in labels] for row in rows]
        found = np.array(known, np.float64).reshape(-1, len(labels))
        found[:, [label not in columns for label in labels]] = np.nan
        return found
    places = [columns.index(label) if label in columns else None for label in labels]
    known = [[None if place is None else row.values[place] for place in places] for row in rows]
    return np.array(known, np.float64).reshape(-1, len(labels))  # None becomes NaN


def comparable(row: Labelled, labels: Sequence[str], task: str) -> bool:
    """Say whether a row tells what a model of these labels should answer.

    A model of one label out of several can be judged only where exactly one of them is true.
    """
    if task == "regression":
        return bool(row.values)
    return not row.values and (task == "multi_label" or len({*row.labels} & {*labels}) == 1)


def against_dataset(
    spec: ModelSpec,
    rows: Sequence[Labelled],
    outputs: ArrayLike,
    patients: Sequence[str | None],
    columns: Sequence[str],
) -> dict[str, Any] | None:
    """Return as JSON how well `outputs` (N, L) of a model fit `rows` of a dataset; None where these know nothing.

    Notes say which labels the dataset does not have, and which rows are left out, with their labels.
    Raises ModelInvalidError for outputs that are no numbers.
    """
    kept = [number for number, row in enumerate(rows) if comparable(row, spec.labels, spec.task)]
    known = truth([rows[number] for number in kept], spec.labels, columns, spec.task)
    if np.isnan(known).all():  # as of no rows at all
        return None
    found = evaluate(spec, known, np.asarray(outputs)[kept], [patients[number] for number in kept])
    left_out = _left_out([row for row in rows if not comparable(row, spec.labels, spec.task)], spec)
    return replace(found, notes=(*found.notes, *left_out)).to_dict()


def _left_out(rows: Sequence[Labelled], spec: ModelSpec) -> list[str]:
    """Say how many rows of a model of one label are not judged, and why."""
    if spec.task != "single_label" or not rows:
        return []
    several = sum(len({*row.labels} & {*spec.labels}) > 1 for row in rows)
    foreign = Counter(label for row in rows if not {*row.labels} & {*spec.labels} for label in row.labels)
    none = sum(not {*row.labels} & {*spec.labels} for row in rows)
    notes = []
    if none:
        names = ", ".join(f"{label} ({count})" for label, count in foreign.most_common(NAMED))
        more = f" and {counted(len(foreign) - NAMED, 'other label')}" if len(foreign) > NAMED else ""
        of = f": {names}{more}" if names else ""
        notes.append(
            f"{counted(none, 'record')} with no label of the model {'is' if none == 1 else 'are'} left "
            f"out{of}. The model gives each of these one of its own labels, and is always wrong."
        )
    if several:
        notes.append(
            f"{counted(several, 'record')} with several labels of the model "
            f"{'is' if several == 1 else 'are'} left out, since it gives only one."
        )
    return notes
