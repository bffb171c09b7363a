"""Division of records into training, validation and test parts: seeded, stratified, never through a patient."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.ml.errors import SplitError

PARTS = ("train", "validation", "test")
FRACTIONS = (0.7, 0.1, 0.2)
_WORDS = {
    "train": "train", "training": "train", "val": "validation", "valid": "validation", "validation": "validation",
    "dev": "validation", "test": "test", "testing": "test",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Split:
    """Indices of the records of each part, ascending; `notes` says in plain words what one should know of it."""

    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    test: NDArray[np.intp]
    notes: tuple[str, ...] = ()


def split(
    y: ArrayLike,
    patients: Sequence[str | None],
    *,
    seed: int,
    fractions: tuple[float, float, float] = FRACTIONS,
) -> Split:
    """Divide N records with labels y (N, L) of 0 and 1 by patient, each label in proportion to `fractions`.

    Iterative stratification (Sechidis et al. 2011, doi:10.1007/978-3-642-23808-6_10) over patients instead of records:
    the rarest label first, each patient to the part that lacks it most. A record without patient (None or empty) is a
    patient of its own. Each part gets every label that at least three patients have, where that is possible.
    Raises SplitError for less than three patients or impossible fractions.
    """
    labels = np.asarray(y, dtype=bool)
    if labels.ndim != 2 or len(labels) != len(patients):
        raise ValueError(f"y should be (N, L) with one patient a record, not {labels.shape} with {len(patients)}.")
    if min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise SplitError(f"The fractions of the parts should be above 0 and add up to 1, not {fractions}.")
    group = patient_groups(patients)
    part = _assign(labels, group, seed, np.asarray(fractions))
    return _to_split(part, _patient_notes(patients))


def split_from_column(
    values: Sequence[str],
    *,
    y: ArrayLike,
    patients: Sequence[str | None],
    seed: int,
    test_fold: int | None = None,
    validation_fold: int | None = None,
) -> Split:
    """Divide records as the user's own column says.

    Words (train, val, validation, test; any case) name the parts. Numbers are folds: `test_fold` (default the highest)
    is tested on, `validation_fold` (default the next highest) validates, all others train. Where the column leaves
    nothing to validate on, or only two folds exist, an eighth of the training records is taken, by `split`.
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
    notes = list(_patient_notes(patients))
    for number, name in ((0, "train"), (2, "test")):
        if not (part == number).any():
            raise SplitError(f"The split column marks no record as {name}. Mark some, or leave the column out.")
    if not (part == 1).any():
        rows = np.flatnonzero(part == 0)
        carved = split(
            np.asarray(y)[rows], [patients[int(row)] for row in rows], seed=seed, fractions=(0.75, 0.125, 0.125)
        )
        part[rows[carved.validation]] = 1
        notes.append(f"{len(carved.validation)} training records were set aside for validation (seed {seed}).")
    shared = _patients_in_two_parts(part, patients)
    if shared:
        notes.append(
            f"{shared} patient{'s have' if shared > 1 else ' has'} records in more than one part of the split column; "
            "the results may look better than they are."
        )
    return _to_split(part, tuple(notes))


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


def _assign(
    labels: NDArray[np.bool_], group: NDArray[np.intp], seed: int, fractions: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Return the part (0, 1, 2) of each record."""
    n_groups = int(group.max(initial=-1)) + 1
    if n_groups < 3:
        raise SplitError(
            f"The records come from {n_groups} patient{'s' if n_groups != 1 else ''}; at least three are needed, since "
            "training, validation and test never share one. Add patients."
        )
    labels = np.column_stack([labels, ~labels.any(axis=1)])  # "none of them" is stratified as well
    counts = np.zeros((n_groups, labels.shape[1]))
    np.add.at(counts, group, labels)
    sizes = np.bincount(group, minlength=n_groups)
    random = np.random.default_rng(seed)
    order = random.permutation(n_groups)
    order = order[np.argsort(-sizes[order], kind="stable")]  # many-record patients first, while there is room

    wanted = np.outer(fractions, counts.sum(axis=0))  # (part, label)
    enough = (counts > 0).sum(axis=0) >= 3
    wanted[1:, enough] = np.maximum(wanted[1:, enough], 1)
    wanted[0] = counts.sum(axis=0) - wanted[1:].sum(axis=0)
    room = fractions * sizes.sum()

    part_of = np.full(n_groups, -1)
    remaining = counts.copy()
    while True:
        left = remaining.sum(axis=0)
        if not left.any():
            break
        label = int(np.argmin(np.where(left > 0, left, np.inf)))
        for one in order[(part_of[order] < 0) & (counts[order, label] > 0)]:
            part = max(range(3), key=lambda p: (wanted[p, label], room[p], random.random()))
            part_of[one] = part
            wanted[part] -= counts[one]
            room[part] -= sizes[one]
            remaining[one] = 0
    return np.asarray(part_of[group], dtype=np.intp)


def _to_split(part: NDArray[np.intp], notes: tuple[str, ...]) -> Split:
    return Split(np.flatnonzero(part == 0), np.flatnonzero(part == 1), np.flatnonzero(part == 2), notes)


def _patient_notes(patients: Sequence[str | None]) -> tuple[str, ...]:
    missing = sum(not patient for patient in patients)
    if not missing:
        return ()
    which = "No record names" if missing == len(patients) else f"{missing} of {len(patients)} records do not name"
    return (
        f"{which} a patient; each counts as a patient of its own. If some are of the same person, the results may look "
        "better than they are.",
    )


def _patients_in_two_parts(part: NDArray[np.intp], patients: Sequence[str | None]) -> int:
    seen: dict[str, set[int]] = {}
    for number, patient in zip(part, patients, strict=True):
        if patient:
            seen.setdefault(patient, set()).add(int(number))
    return sum(len(parts) > 1 for parts in seen.values())
