"""Division of records into training, validation and test parts: by lot or by a column, never through a patient."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.counted import counted
from backend.ml.data.sides import drawn, filled, lots
from backend.ml.errors import SplitError

PARTS = ("train", "validation", "test")
FRACTIONS = (0.7, 0.1, 0.2)
_WORDS = {
    "train": "train", "training": "train", "val": "validation", "valid": "validation", "validation": "validation",
    "dev": "validation", "test": "test", "testing": "test",
}  # fmt: skip


def is_part_in_words(value: str) -> bool:
    """Whether a cell of a table names a part of a split: train, val, validation, dev, test …"""
    return value.strip().lower() in _WORDS


@dataclass(frozen=True, eq=False)
class Split:
    """Indices of the records of each part, ascending; `notes` says in plain words what one should know of it."""

    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    test: NDArray[np.intp]
    notes: tuple[str, ...] = ()


def split(
    y: ArrayLike,
    groups: Sequence[str | None],
    *,
    seed: int,
    fractions: tuple[float, float, float] = FRACTIONS,
    held: Sequence[int] | None = None,
) -> Split:
    """Divide N records with labels y (N, L) of 0 and 1 by group, such as the patient, in about these `fractions`.

    The side of a group is a lot drawn by its name and the seed, so that it stays when labels or records change. A
    record without group (None or empty) is one of its own, by its place. Groups are moved only where a part would lack
    a label, or records without it, that at least three groups have; the notes count them. `held` (N,) is the part that
    each record must be in, -1 where the lot decides.
    Raises SplitError for less than three groups or impossible fractions.
    """
    labels = np.asarray(y, dtype=bool)
    if labels.ndim != 2 or len(labels) != len(groups):
        raise ValueError(f"y should be (N, L) with one group a record, not {labels.shape} with {len(groups)}.")
    if min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise SplitError(f"The fractions of the parts should be above 0 and add up to 1, not {fractions}.")
    group = patient_groups(groups)
    first = np.unique(group, return_index=True)[1]
    if len(first) < 3:
        raise SplitError(
            f"The records come from {counted(len(first), 'patient')}; at least three are needed, "
            "since training, validation and test never share one, nor the same signal twice. Add patients."
        )
    lot = lots([groups[row] or f"record {row}" for row in first], seed)
    begin = drawn(lot, fractions)
    fixed = np.full(len(first), -1) if held is None else np.asarray(held)[first]
    begin[fixed >= 0] = fixed[fixed >= 0]
    counts = np.zeros((len(first), 2 * labels.shape[1]))
    np.add.at(counts, group, np.column_stack([labels, ~labels]))
    part = filled(begin, lot, counts, fixed < 0)
    moved = int((part != begin)[group].sum())
    notes = () if not moved else (_moved(moved, len(labels)),)
    return _to_split(part[group], notes)


def _moved(moved: int, every: int) -> str:
    recordings = counted(every, "recording")
    if moved == 1:
        return f"1 of {recordings} was moved, so that no part lacks a label."
    return f"{moved} of {recordings} were moved, so that no part lacks a label."


def split_from_column(
    values: Sequence[str],
    *,
    y: ArrayLike,
    groups: Sequence[str | None],
    seed: int,
    test_fold: int | None = None,
    validation_fold: int | None = None,
) -> Split:
    """Divide records as the user's own column says.

    Words (train, val, validation, test; any case) name the parts. Numbers are folds: `test_fold` (default the highest)
    is tested on, `validation_fold` (default the next highest) validates, all others train. Where the column leaves
    nothing to validate on, or only two folds exist, an eighth of the training records is taken, by `split`. Of a
    group in several parts the records stay that train, or else those that validate; the others are in no part.
    Raises SplitError, naming the value, for a column that cannot be understood.
    """
    cleaned = [str(value).strip().casefold() for value in values]
    empty = sum(not value for value in cleaned)
    if empty:
        raise SplitError(
            f"The split column is empty for {empty} of {len(cleaned)} records. Fill it, or leave it out altogether."
        )
    if all(value in _WORDS for value in cleaned):
        if test_fold is not None or validation_fold is not None:
            raise SplitError("The split column holds words (train, validation, test), so no fold can be chosen.")
        part = np.array([PARTS.index(_WORDS[value]) for value in cleaned])
    else:
        part = _part_from_folds(cleaned, test_fold, validation_fold)
    notes: list[str] = []
    for number, name in ((0, "train"), (2, "test")):
        if not (part == number).any():
            raise SplitError(f"The split column marks no record as {name}. Mark some, or leave the column out.")
    if not (part == 1).any():
        rows = np.flatnonzero(part == 0)
        carved = split(
            np.asarray(y)[rows], [groups[int(row)] for row in rows], seed=seed, fractions=(0.75, 0.125, 0.125)
        )
        part[rows[carved.validation]] = 1
        aside = counted(len(carved.validation), "training recording was", "training recordings were")
        notes.append(f"{aside} set aside for validation (seed {seed}).")
    return _to_split(_together(part, groups), tuple(notes))


def _together(part: NDArray[np.intp], groups: Sequence[str | None]) -> NDArray[np.intp]:
    """Return the parts with -1 for records whose group is in an earlier part too."""
    group = patient_groups(groups)
    earliest = np.full(group.max() + 1, len(PARTS))
    np.minimum.at(earliest, group, part)
    return np.where(part == earliest[group], part, -1)


def _part_from_folds(values: Sequence[str], test_fold: int | None, validation_fold: int | None) -> NDArray[np.intp]:
    folds = np.empty(len(values), dtype=np.int64)
    for i, value in enumerate(values):
        try:
            number = float(value)
            folds[i] = int(number)
        except (ValueError, OverflowError):
            number = np.nan
        if number != folds[i]:
            odd = next(other for other in values if other not in _WORDS) if value in _WORDS else value
            raise SplitError(
                f"The split column holds “{odd:.40}”, which is neither train, validation or test nor a fold number."
            )
    known = [int(fold) for fold in np.unique(folds)]
    if len(known) < 2:
        raise SplitError(f"The split column knows a single fold ({known[0]}); at least two are needed.")
    test = known[-1] if test_fold is None else test_fold
    if validation_fold is None and len(known) > 2:
        validation_fold = [fold for fold in known if fold != test][-1]
    for chosen in (test, validation_fold):
        if chosen is not None and chosen not in known:
            raise SplitError(f"There is no fold {chosen}; the split column has {', '.join(map(str, known))}.")
    if test == validation_fold:
        raise SplitError(f"Fold {test} cannot both validate and test. Choose two different folds.")
    part = np.zeros(len(folds), dtype=np.intp)
    part[folds == test] = 2
    if validation_fold is not None:
        part[folds == validation_fold] = 1
    return part


def value_groups(values: ArrayLike) -> NDArray[np.float32]:
    """Return (N, 5L) of 0 and 1: in which fifth of each of L targets a record's value lies, for `split` to stratify.

    A value that is not known (NaN) lies in none; equal values lie in one.
    """
    y = np.asarray(values, dtype=np.float64)
    columns = []
    for target in y.T:
        edges = np.nanquantile(target, [0.2, 0.4, 0.6, 0.8])
        fifth = np.where(np.isnan(target), -1, np.searchsorted(edges, target))
        columns.append(fifth[:, None] == np.arange(5))
    return np.concatenate(columns, axis=1).astype(np.float32)


def patient_groups(patients: Sequence[str | None]) -> NDArray[np.intp]:
    """Number the patients in order of appearance; a record without patient has a number of its own."""
    numbers: dict[object, int] = {}
    keys = (patient if patient else index for index, patient in enumerate(patients))
    return np.fromiter((numbers.setdefault(key, len(numbers)) for key in keys), dtype=np.intp, count=len(patients))


def _to_split(part: NDArray[np.intp], notes: tuple[str, ...]) -> Split:
    return Split(np.flatnonzero(part == 0), np.flatnonzero(part == 1), np.flatnonzero(part == 2), notes)
