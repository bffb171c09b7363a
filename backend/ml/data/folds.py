"""Division of records into folds for cross-validation: by lot, by group, with as equal shares of each label as can be.

Each record is tested once in each repeat, by a model that learned from the other folds. Records that a base model has
learned from only ever train. What validates is parted from what trains in the same way, inside. Folds that are sources
of records, such as devices, are made by `source_folds`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.counted import counted
from backend.ml.data.sides import lots
from backend.ml.data.split import Split, patient_groups
from backend.ml.errors import SplitError

FOLDS: Final = 5
FEWEST_FOLDS: Final = 3
MOST_FOLDS: Final = 20
MOST_REPEATS: Final = 100
PARTS_OF_HEAD: Final = 3  # of those who learn: folds that choose the strength of a head
PARTS_OF_NETWORK: Final = 8  # one of them, an eighth, validates a whole network
UNKNOWN: Final = -2  # of `Folds.source`
TRIES: Final = 20


@dataclass(frozen=True, eq=False)
class Folds:
    """`fold` (repeats, N) says in which fold each record is tested, from 0; -1 where it only ever trains.

    `group` (N,) numbers what stays together, such as the records of a patient. `source` (N,), where folds are sources,
    is the fold in which the source of each record is tested, if it is: -1 for one that is in no fold, UNKNOWN where it
    may be any. `learner` (repeats, k + 1, N), where only a share of those who may learn does (`shares`), is who learns
    while each fold tests, and last for the model that is kept.
    """

    fold: NDArray[np.intp]
    group: NDArray[np.intp]
    k: int
    source: NDArray[np.intp] | None = None
    learner: NDArray[np.bool_] | None = None

    @property
    def repeats(self) -> int:
        """How often the records are divided anew."""
        return len(self.fold)

    @property
    def tested(self) -> NDArray[np.intp]:
        """The records that are tested, ascending."""
        return np.flatnonzero(self.fold[0] >= 0)

    def tests(self, repeat: int, fold: int) -> NDArray[np.intp]:
        """Return the records of a fold, ascending."""
        return np.flatnonzero(self.fold[repeat] == fold)

    def learns(self, repeat: int, fold: int) -> NDArray[np.intp]:
        """Return who learns while a fold tests, ascending: no record of its groups, or that may be of its source.

        For `fold` -1, as for the model that is kept, that is everybody; of a share, whoever was drawn.
        """
        out = np.zeros(len(self.group), bool)
        if fold >= 0:
            out |= np.isin(self.group, self.group[self.tests(repeat, fold)])
            if self.source is not None:
                out |= (self.source == fold) | (self.source == UNKNOWN)
        if self.learner is not None:
            out |= ~self.learner[repeat, fold]
        return np.flatnonzero(~out)

    def some(self, rows: NDArray[np.intp]) -> "Folds":
        """Return the same of some of the records."""
        return Folds(
            self.fold[:, rows], self.group[rows], self.k, None if self.source is None else self.source[rows],
            None if self.learner is None else self.learner[:, :, rows],
        )  # fmt: skip


def inside(
    folds: Folds,
    y: ArrayLike,
    repeat: int,
    fold: int,
    *,
    seed: int,
    parts: int,
    only_first: bool = False,
    each_label: bool = True,
) -> list[Split]:
    """Part those who learn while `fold` tests into training and validation, once for each of so many `parts`.

    Each part validates once, or the first one alone; no test record is in any of it. For `fold` -1 everybody learns,
    as for the model that is kept, and the test part is empty. Raises SplitError as `divide_into_folds` does.
    """
    test = folds.tests(repeat, fold) if fold >= 0 else np.empty(0, np.intp)
    rest = folds.learns(repeat, fold)
    fixed = folds.fold[0][rest] < 0
    names = [f"{repeat} {fold} {number}" for number in folds.group[rest]]
    if len(set(folds.group[rest][~fixed])) < 2 * parts:  # nearly all was seen by a base model, or there are very few
        fixed[:] = False
    parts = max(2, min(parts, len(set(folds.group[rest]))))
    inner = _divide(np.asarray(y, bool)[rest], names, seed, parts, 1, fixed, int(each_label))
    return [
        Split(rest[inner.fold[0] != part], rest[inner.fold[0] == part], test)
        for part in range(1 if only_first else parts)
    ]


def divide_into_folds(
    y: ArrayLike,
    groups: Sequence[str | None],
    *,
    seed: int,
    folds: int = FOLDS,
    repeats: int = 1,
    only_train: Sequence[bool] | None = None,
    each_label: bool = True,
) -> Folds:
    """Divide N records with labels y (N, L) of 0 and 1 into folds, anew in each repeat.

    No group, such as a patient, is in two folds of a repeat; a record without group (None or empty) is one of its own.
    Labels are shared out as evenly as groups allow, the rarest first (iterative stratification: Sechidis et al. 2011,
    doi:10.1007/978-3-642-23808-6_10). Groups with a record of `only_train` (N,) are in no fold. With `each_label`, the
    columns of y are labels that two groups outside each fold must have, and lack, to train and to validate.
    Raises SplitError for impossible numbers, fewer groups than folds, or too few groups of a label.
    """
    if not FEWEST_FOLDS <= folds <= MOST_FOLDS or not 1 <= repeats <= MOST_REPEATS:
        raise SplitError(
            f"Cross-validation takes {FEWEST_FOLDS} to {MOST_FOLDS} folds and 1 to {MOST_REPEATS} repeats, not {folds} "
            f"and {repeats}."
        )
    fixed = np.zeros(len(groups), bool) if only_train is None else np.asarray(only_train, bool)
    return _divide(np.asarray(y, dtype=bool), groups, seed, folds, repeats, fixed, 2 * each_label)


def _divide(
    labels: NDArray[np.bool_], groups: Sequence[str | None], seed: int, folds: int, repeats: int,
    only_train: NDArray[np.bool_], needed: int,
) -> Folds:  # fmt: skip
    if labels.ndim != 2 or len(labels) != len(groups):
        raise ValueError(f"y should be (N, L) with one group a record, not {labels.shape} with {len(groups)}.")
    group = patient_groups(groups)
    first = np.unique(group, return_index=True)[1]
    names = [groups[row] or f"record {row}" for row in first]
    fixed = np.zeros(len(first), bool)
    np.logical_or.at(fixed, group, only_train)
    free = int((~fixed).sum())
    if free < folds:
        raise SplitError(
            f"There {'is' if free == 1 else 'are'} {counted(free, 'patient')} to test on, too few for {folds} folds. "
            "Choose fewer folds, or add patients."
        )
    both = np.column_stack([labels, ~labels])
    counts = np.zeros((len(first), both.shape[1] + 1))
    np.add.at(counts, group, np.column_stack([both, np.ones(len(both), bool)]))
    found = np.empty((repeats, len(labels)), np.intp)
    for repeat in range(repeats):
        for attempt in range(TRIES):
            lot = lots([f"fold {repeat} {attempt} {name}" for name in names], seed)
            of_group = np.where(fixed, -1, shared_out(counts, lot, ~fixed, folds))
            lacking = _lacking(of_group, counts[:, :-1] > 0, folds, needed)
            if lacking is None:
                break
        else:
            raise SplitError(_says_what_is_lacking(lacking, labels.shape[1]))
        found[repeat] = of_group[group]
    return Folds(found, group, folds)


def shared_out(
    counts: NDArray[np.floating], lot: NDArray[np.float64], free: NDArray[np.bool_], folds: int
) -> NDArray[np.intp]:
    """Return the fold of each of G groups with so many records of each label (G, L), the last of them all records."""
    fold = np.full(len(counts), -1, np.intp)
    wanted = np.tile(counts[free].sum(axis=0) / folds, (folds, 1))
    turn = np.argsort(np.argsort(lot, kind="stable")) % folds  # decides between folds that need a group alike
    open_ = free.copy()
    while open_.any():
        waiting = (counts[open_] > 0).sum(axis=0)
        label = int(np.argmin(np.where(waiting > 0, waiting, np.iinfo(np.intp).max)))
        having = np.flatnonzero(open_ & (counts[:, label] > 0))
        for one in having[np.lexsort((lot[having], -counts[having, label]))]:
            last = (np.arange(folds) + turn[one]) % folds
            best = int(np.lexsort((last, -wanted[:, -1], -wanted[:, label]))[0])
            fold[one], open_[one] = best, False
            wanted[best] -= counts[one]
    return fold


def _lacking(fold: NDArray[np.intp], has: NDArray[np.bool_], folds: int, needed: int) -> int | None:
    """Return which of the columns of `has` (G, 2L) fewer than `needed` groups outside a fold have; None for none."""
    for number in range(folds):
        few = (has[fold != number].sum(axis=0) < needed) & has.any(axis=0)
        if few.any():
            return int(np.flatnonzero(few)[0])
    return None


def _says_what_is_lacking(column: int | None, labels: int) -> str:
    which = "" if column is None else f" {'with' if column < labels else 'without'} label {column % labels + 1}"
    return (
        f"The patients{which} are too few to be in every training part of a cross-validation: at least three are "
        "needed, one each to train, validate and test. Add patients, leave the label out, or use one test part."
    )
