"""A share of what each fold learns from: whole patients, halved again and again, so that a quarter lies in the half.

What tests stays as it is, and nobody who tests is ever divided: a half is drawn of those who learn while a fold tests,
anew for each fold, so that the luck of one draw does not make a learning curve. The lots are those of the split's
seed and of the patients alone, so that every candidate in the same folds learns from the same.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.counted import counted
from backend.ml.data.folds import TRIES, Folds, shared_out
from backend.ml.data.sides import lots
from backend.ml.data.source_folds import FEWEST_PATIENTS, NEEDED
from backend.ml.errors import SplitError

SHARES: Final = (0.25, 0.5)
"""Shares that a learning curve tries, beside all: each is half of the next."""
WORDS: Final = {0.25: "1/4", 0.5: "1/2"}


def share_of(folds: Folds, y: ArrayLike, share: float, *, seed: int, labels: Sequence[str] | None) -> Folds:
    """Return the folds in which about a `share` of each fold's learners learns, and of all for the model that is kept.

    y (N, S) of 0 and 1 is shared out evenly, as far as whole groups allow (iterative stratification, as in
    `folds.divide_into_folds`). `labels` names its columns where they are labels that two groups must have, and lack, in
    each half; None where they are none.
    Raises SplitError where fewer groups than FEWEST_PATIENTS are left, or too few of a label.
    """
    if share not in SHARES or folds.learner is not None:
        raise ValueError(f"A share is one of {SHARES} of all who learn, not {share}.")
    marks = np.asarray(y, bool)
    learner = np.zeros((folds.repeats, folds.k + 1, len(marks)), bool)
    for repeat in range(folds.repeats):
        for fold in (*range(folds.k), -1):
            rows, part = folds.learns(repeat, fold), 1.0
            while part > share:
                part /= 2
                rows = _half(rows, marks, folds.group, f"{repeat} {fold} {part:g}", seed, labels, WORDS[part])
            learner[repeat, fold, rows] = True
    return replace(folds, learner=learner)


def learning(folds: Folds) -> tuple[int, int]:
    """Return from how many records, and of how many groups, a fold learns: the means over all folds, rounded."""
    each = [folds.learns(repeat, fold) for repeat in range(folds.repeats) for fold in range(folds.k)]
    records = np.mean([len(rows) for rows in each])
    groups = np.mean([len(np.unique(folds.group[rows])) for rows in each])
    return round(float(records)), round(float(groups))


def _half(
    rows: NDArray[np.intp], marks: NDArray[np.bool_], group: NDArray[np.intp], what: str, seed: int,
    labels: Sequence[str] | None, word: str,
) -> NDArray[np.intp]:  # fmt: skip
    """Return those of the records `rows` that are in one half of their groups."""
    numbers, place = np.unique(group[rows], return_inverse=True)
    both = np.column_stack([marks[rows], ~marks[rows]])
    counts = np.zeros((len(numbers), both.shape[1] + 1))
    np.add.at(counts, place, np.column_stack([both, np.ones(len(both), bool)]))
    has, everyone = counts[:, :-1] > 0, np.ones(len(numbers), bool)
    problem = ""
    for attempt in range(TRIES):
        lot = lots([f"share {what} {attempt} {number}" for number in numbers.tolist()], seed)
        half = shared_out(counts, lot, everyone, 2) == 0
        problem = _lacking(has, half, labels, word)
        if not problem:
            return np.asarray(rows[half[place]], np.intp)
    raise SplitError(problem)


def _lacking(has: NDArray[np.bool_], half: NDArray[np.bool_], labels: Sequence[str] | None, word: str) -> str:
    """Say of what a half (G,) of groups has too few, empty of nothing; `has` (G, 2L) are labels and their lack."""
    n = int(half.sum())
    if n < FEWEST_PATIENTS:
        return (
            f"With {word} of the patients a fold would learn from {counted(n, 'patient')}, too few to learn anything: "
            f"{FEWEST_PATIENTS} are needed. Add patients."
        )
    if labels is None:
        return ""
    few = (has[half].sum(axis=0) < NEEDED) & has.any(axis=0)
    if not few.any():
        return ""
    column = int(np.flatnonzero(few)[0])
    which = f"with “{labels[column]}”" if column < len(labels) else f"without “{labels[column - len(labels)]}”"
    return (
        f"With {word} of the patients a fold would learn from fewer than two {which}, too few to train and to "
        "validate. Add patients with and without this label, or leave the label out."
    )
