"""Who is in which part or fold of a run: kept with it, held against what is left of it, and looked at before training.

`split` of a run holds the ids of each part. Of a cross-validation all are in `train`, and `folds` (repeats, N),
`groups` (N,) and `sources` (N,) are in the order of these ids. So an id never goes alone: what is beside it goes along.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np

from backend.counted import counted
from backend.db.tables import Json, Run
from backend.errors import ConflictError
from backend.ml.data.folds import Folds
from backend.ml.data.split import PARTS, Split

ERASED: Final = "n_erased"
"""Key of a run's facts: how many of its recordings were erased since it was asked for."""


def kept(recording_ids: Sequence[str], parts: Split, folds: Folds | None) -> Json:
    """Return a division of recordings as a run keeps it."""
    ids: Json = {name: [recording_ids[row] for row in getattr(parts, name)] for name in PARTS}
    return ids if folds is None else ids | kept_folds(folds)


def kept_folds(folds: Folds) -> Json:
    """Return folds as a run keeps them beside its parts, in the order of these; `folds_of` reads them."""
    kept: Json = {"folds": folds.fold.tolist(), "groups": folds.group.tolist()}
    if folds.source is not None:
        kept["sources"] = folds.source.tolist()
    if folds.learner is not None:  # of each repeat and fold, and last of the model that is kept, the rows who learn
        kept["learners"] = [[np.flatnonzero(one).tolist() for one in each] for each in folds.learner]
    return kept


def forget(run: Run, recording_ids: Collection[str]) -> int:
    """Take recordings out of the division of a run, with their folds, and count them; return how many there were."""
    gone = frozenset(recording_ids)
    stays = [one not in gone for one in _ids(run)]
    n = stays.count(False)
    if n:
        parts = {name: [one for one in run.split[name] if one not in gone] for name in PARTS}
        beside = {name: _beside(name, rows, stays) for name, rows in run.split.items() if name not in PARTS}
        run.split = parts | beside
        run.facts = run.facts | {ERASED: run.facts.get(ERASED, 0) + n}
    return n


def stands(facts: Json) -> bool:
    """Say whether the division of a run with these facts is what it was; `check` looks closer, and takes longer."""
    return not facts.get(ERASED)


def check(run: Run) -> None:
    """Raise ConflictError where recordings of a run were erased since it was asked for: it is trained anew, not on."""
    lacking = run.facts.get(ERASED, 0)
    if not lacking:  # as it was erased before that was counted
        asked = run.facts.get("counts") or {}
        lacking = sum(max(0, asked[part].get("n", 0) - len(run.split[part])) for part in PARTS if part in asked)
    if lacking:
        raise ConflictError(
            f"{counted(lacking, 'recording of this run has', 'recordings of this run have')} been erased since it was "
            "asked for, so that its parts are not what they were. Start a new training."
        )
    n = len(_ids(run))
    lengths = [len(row) for row in run.split.get("folds", [])]
    lengths += [len(run.split[name]) for name in ("groups", "sources") if name in run.split]
    if any(length != n for length in lengths):
        raise ConflictError("The folds of this run do not fit its recordings. Start a new training.")


def folds_of(run: Run) -> Folds | None:
    """Return the folds of a run's recordings, in the order of its ids; None where it has one test part.

    Raises what `check` raises: folds beside other recordings would have patients train and test at once.
    """
    check(run)
    if "folds" not in run.split:
        return None
    fold = np.array(run.split["folds"], np.intp)
    source = np.array(run.split["sources"], np.intp) if "sources" in run.split else None
    learner = None
    if "learners" in run.split:
        learner = np.zeros((len(fold), int(fold.max()) + 2, fold.shape[1]), bool)
        for repeat, each in enumerate(run.split["learners"]):
            for number, rows in enumerate(each):
                learner[repeat, number, rows] = True
    return Folds(fold, np.array(run.split["groups"], np.intp), int(fold.max()) + 1, source, learner)


def _ids(run: Run) -> list[str]:
    return [one for name in PARTS for one in run.split[name]]


def _beside(name: str, rows: list[Any], stays: Sequence[bool]) -> list[Any]:
    """Return what a run keeps beside its ids, for those that stay."""
    if name == "folds":
        return [_some(row, stays) for row in rows]
    if name == "learners":  # rows, not one for each
        place = np.cumsum(stays) - 1
        return [[[int(place[row]) for row in each if stays[row]] for each in repeat] for repeat in rows]
    return _some(rows, stays)


def _some(rows: list[Any], stays: Sequence[bool]) -> list[Any]:
    """Return what is beside the ids that stay; what never was in their order is left for `check` to be refused."""
    if len(rows) != len(stays):
        return rows
    return [one for one, stay in zip(rows, stays, strict=True) if stay]
