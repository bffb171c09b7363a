"""Folds that are sources of records, such as devices: each is tested by a model that has learned from all others.

It tells how good a model will be where no record of the training comes from, which folds by lot cannot tell.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.counted import counted
from backend.ml.data.folds import MOST_FOLDS, UNKNOWN, Folds
from backend.ml.data.split import patient_groups
from backend.ml.errors import SplitError

FEWEST_PATIENTS: Final = 5  # of a fold, and of those who learn for it; with fewer, no number would be given
FEWEST_SOURCES: Final = 2
NEEDED: Final = 2  # patients with a label, and without it, of those who learn: to train and to validate


@dataclass(frozen=True, slots=True)
class Tested:
    """The sources of a fold by name, and how many more are in it that have too few patients to be named one by one."""

    names: tuple[str, ...]
    n_small: int
    n: int  # records that are tested
    n_patients: int


@dataclass(frozen=True, eq=False)
class SourceFolds:
    """Folds of one repeat, what is tested in each, and what is not: all in the order of the folds."""

    folds: Folds
    tested: tuple[Tested, ...]
    n_only_train: int  # records of sources that are in no fold
    n_unknown: int  # records whose source is not known


def divide_by_source(
    y: ArrayLike,
    groups: Sequence[str | None],
    sources: Sequence[str | None],
    *,
    labels: Sequence[str] | None = None,
    only_train: Sequence[bool] | None = None,
) -> SourceFolds:
    """Divide N records with labels y (N, L) of 0 and 1 into folds, each of whole sources, the largest first.

    While a fold tests, neither records of its sources learn, nor others of a group that it tests, such as a patient
    with records from two sources; so each record is tested once. One whose source is not known (None) may be of the
    tested source: it learns in no fold. Groups with a record of `only_train` (N,) are tested nowhere, and learn for
    other sources. Sources with fewer than FEWEST_PATIENTS groups to test, or all of whose records are alike in every
    label, are one fold together, or where they are still that in no fold, so that they only train; of more sources
    than MOST_FOLDS, the smallest are joined two by two. `labels` names the columns that two groups must have, and lack,
    among those who learn; None where y are no labels.
    Raises SplitError for fewer than two folds, or where too few are left to learn for one.
    """
    marks = np.asarray(y, bool)
    group = patient_groups(groups)
    held = np.zeros(int(group.max(initial=-1)) + 1, bool)
    np.logical_or.at(held, group, np.zeros(len(group), bool) if only_train is None else np.asarray(only_train, bool))
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(sources):
        if name is not None and not held[group[row]]:
            rows.setdefault(name, []).append(row)
    parts = [(names, np.array(some, np.intp)) for names, some in _joined(rows, marks, group, labels is not None)]
    if len(parts) < FEWEST_SOURCES:
        raise SplitError(_too_few_sources(sources, [names for names, _ in parts]))
    fold, source = np.full(len(group), -1, np.intp), np.full(len(group), -1, np.intp)
    of_name: dict[str | None, int] = {None: UNKNOWN}
    for number, (names, tests) in enumerate(parts):
        fold[tests] = number
        of_name |= dict.fromkeys(names, number)
    source[:] = [of_name.get(name, -1) for name in sources]
    folds = Folds(fold[None], group, len(parts), source)
    patients = _patients(sources, group)
    tested = []
    for number, (names, tests) in enumerate(parts):
        named = tuple(name for name in names if patients[name] >= FEWEST_PATIENTS)
        one = Tested(named, len(names) - len(named), len(tests), len(set(group[tests].tolist())))
        _check(folds, number, one, marks, labels)
        tested.append(one)
    return SourceFolds(folds, tuple(tested), int((source == -1).sum()), int((source == UNKNOWN).sum()))


def title(one: Tested) -> str:
    """Return how a fold is called: by its sources, those that are too small as their number."""
    small = [counted(one.n_small, "small source")] if one.n_small else []
    return ", ".join([*one.names, *small])


def _joined(
    rows: dict[str, list[int]], marks: NDArray[np.bool_], group: NDArray[np.intp], by_label: bool
) -> list[tuple[list[str], list[int]]]:
    """Return the sources of each fold and their records, the fold with most records first."""
    alone, small = [], list[str]()
    for name in sorted(rows):
        if _enough(np.array(rows[name]), marks, group, by_label):
            alone.append((len(rows[name]), [name]))
        else:
            small.append(name)
    together = sorted(row for name in small for row in rows[name])
    if together and _enough(np.array(together), marks, group, by_label):
        alone.append((len(together), small))
    heapify(alone)
    while len(alone) > MOST_FOLDS:
        first, second = heappop(alone), heappop(alone)
        heappush(alone, (first[0] + second[0], sorted(first[1] + second[1])))
    in_order = sorted(alone, key=lambda one: (-one[0], one[1]))
    return [(names, sorted(row for name in names for row in rows[name])) for _, names in in_order]


def _enough(some: NDArray[np.intp], marks: NDArray[np.bool_], group: NDArray[np.intp], by_label: bool) -> bool:
    """Say whether something can be said of records alone: enough groups, and a label that some have and some lack."""
    told = not by_label or bool((marks[some].any(axis=0) & ~marks[some].all(axis=0)).any())
    return len(set(group[some].tolist())) >= FEWEST_PATIENTS and told


def _patients(sources: Sequence[str | None], group: NDArray[np.intp]) -> Counter[str]:
    return Counter(name for name, _ in set(zip(sources, group.tolist(), strict=True)) if name is not None)


def _check(
    folds: Folds, number: int, one: Tested, marks: NDArray[np.bool_], labels: Sequence[str] | None
) -> None:  # fmt: skip
    """Raise SplitError where too few are left to learn for a fold."""
    learn = folds.learns(0, number)
    n = len(set(folds.group[learn].tolist()))
    if n < FEWEST_PATIENTS:
        raise SplitError(
            f"For “{title(one)}” only {counted(n, 'patient')} would be left to learn from: the others are of this "
            "source too, or their source is not known. Divide by patient, or add recordings of other sources."
        )
    for place, label in enumerate(labels or ()):
        for word, has in (("with", marks[:, place]), ("without", ~marks[:, place])):
            if has.any() and len(set(folds.group[learn][has[learn]].tolist())) < NEEDED:
                which = f"without “{label}”" if word == "without" else f"with “{label}”"
                raise SplitError(
                    f"Without “{title(one)}” fewer than two patients {which} are left to learn from. Leave this label "
                    "out, divide by patient, or add recordings of other sources."
                )


def _too_few_sources(sources: Sequence[str | None], tested: Sequence[object]) -> str:
    unknown, known = sum(name is None for name in sources), len(set(sources) - {None})
    nobody = f"; of {counted(unknown, 'recording')} the source is not known" if unknown else ""
    return (
        f"To test on one source what was learned from the others takes two that can be tested: with at least "
        f"{FEWEST_PATIENTS} patients, and a label that some have and some lack. Here "
        f"{counted(len(tested), 'fold')} can be made of {counted(known, 'source')}{nobody}. Divide by patient instead."
    )
