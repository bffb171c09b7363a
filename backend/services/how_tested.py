"""Whether a training is judged by one test part or by cross-validation: as was asked, or as few records need it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.counted import counted
from backend.db.tables import Dataset
from backend.errors import InvalidInputError
from backend.ml.architectures import ARCHITECTURES
from backend.ml.data.folds import FOLDS, PARTS_OF_HEAD, PARTS_OF_NETWORK, Folds, inside
from backend.ml.data.folds import divide_into_folds as folds_by_lot
from backend.ml.data.source_folds import SourceFolds, Tested, divide_by_source
from backend.ml.data.training_data import TrainingData, check_parts
from backend.ml.errors import SplitError, TrainingImpossibleError
from backend.services import estimates, sources
from backend.services.cautions import FEW
from backend.services.division import Division, Grouped, divide, divide_into_folds
from backend.services.run_plan import Plan
from backend.services.sources import FoldsBy

Method = Literal["holdout", "cross_validation"]
METHODS: Final = ("auto", "holdout", "cross_validation")
FEW_TESTED: Final = 200  # ECGs of a test part; below, or below FEW with or without a label, everybody is tested
REPEATS_OF_HEAD: Final = 2  # a fold of CardX's head takes three seconds; a whole network is trained once for each
LONGEST_S: Final = 2 * 3600.0  # that a cross-validation may take without having been asked for
_CHECKED: Final = 1000  # records up to which it is tried beforehand whether all folds can be parted once more
_ASKS: Final = ("train", "validation", "test", "test_fold", "validation_fold")


@dataclass(frozen=True, slots=True)
class HowTested:
    """How it is found out how good a model is; `automatic` where nobody has chosen, `reason` then says why so.

    `sources` are those of each fold, where folds are not made by patient.
    """

    method: Method
    folds: int = 0
    repeats: int = 0
    automatic: bool = False
    reason: str = ""
    folds_by: FoldsBy = "patient"
    sources: list[Tested] = field(default_factory=list)


def complete(wanted: Mapping[str, Any] | None, dataset: Dataset) -> dict[str, Any]:
    """Return what is asked of the division, with the kind that the table suggests. Raises InvalidInputError."""
    found = {name: value for name, value in (wanted or {}).items() if value is not None}
    method = found.setdefault("method", "auto")
    if method not in METHODS:
        raise InvalidInputError(f"A model is tested by {', '.join(METHODS)}, not by {method!r}.")
    sources.check(found.get("folds_by", "patient"))
    if found.get("folds_by", "patient") != "patient":
        _check_by_source(found)
        found |= {"method": "cross_validation", "kind": "random"}
        return found
    if found.get("kind") is None:
        by_column = dataset.split_column and method != "cross_validation" and not _asks_for_shares(found)
        found["kind"] = "column" if by_column else "random"
    return found


def _check_by_source(wanted: Mapping[str, Any]) -> None:
    """Raise InvalidInputError for what folds by source cannot be asked for besides."""
    if wanted["method"] == "holdout" or wanted.get("kind") == "column" or _asks_for_shares(wanted):
        raise InvalidInputError(
            "Folds by source are a cross-validation. Leave out the test part, or divide by patient."
        )
    if wanted.get("folds") is not None or wanted.get("repeats", 1) != 1:
        raise InvalidInputError(
            "Folds by source are as many as there are sources, and the same however often they are made. Leave the "
            "numbers of folds and repeats out."
        )


def _asks_for_shares(wanted: Mapping[str, Any]) -> bool:
    return any(wanted.get(name) is not None for name in ("train", "validation", "test"))


def only_head(chosen: Plan) -> bool:
    """Say whether a plan fits a head alone, which takes a second."""
    entry = ARCHITECTURES.get(chosen.architecture)
    return chosen.config.method == "head" or (entry is not None and entry.convex)


def decide(
    session: Session,
    grouped: Grouped,
    y: NDArray[np.float32],
    shares: NDArray[np.float32],
    labels: Sequence[str],
    dataset: Dataset,
    wanted: Mapping[str, Any],
    chosen: Plan,
) -> tuple[HowTested, Division, Folds | None]:
    """Divide labelled recordings as was asked, or by the rule for few; `shares` (N, S) of 0 and 1 are shared out.

    `wanted` is what `complete` returns. Raises what `division.divide` and `division.divide_into_folds` do.
    """
    method = wanted["method"]
    if wanted.get("folds_by", "patient") != "patient":
        return _by_source(session, grouped, shares, labels, dataset, wanted["folds_by"], chosen)
    given = wanted["kind"] == "column" or any(wanted.get(name) is not None for name in _ASKS)
    if method == "holdout" or (method == "auto" and given):
        reason = _of_column(dataset) if wanted["kind"] == "column" and method == "auto" else ""
        return (
            HowTested("holdout", automatic=bool(reason), reason=reason),
            _one(grouped, y, shares, labels, wanted, dataset.task),
            None,
        )
    repeats = wanted.get("repeats") or (REPEATS_OF_HEAD if only_head(chosen) else 1)
    folds = wanted.get("folds") or FOLDS
    if method == "cross_validation":
        division, made = _folds(grouped, shares, dataset, chosen, folds, repeats)
        return HowTested("cross_validation", folds, repeats), division, made
    return _by_rule(session, grouped, y, shares, labels, dataset, wanted, chosen, folds, repeats)


def _by_rule(
    session: Session, grouped: Grouped, y: NDArray[np.float32], shares: NDArray[np.float32], labels: Sequence[str],
    dataset: Dataset, wanted: Mapping[str, Any], chosen: Plan, folds: int, repeats: int,
) -> tuple[HowTested, Division, Folds | None]:  # fmt: skip
    noun = "value" if dataset.task == "regression" else "label"
    try:
        division = _one(grouped, y, shares, labels, wanted, dataset.task)
    except (SplitError, TrainingImpossibleError) as problem:
        try:
            divided, made = _folds(grouped, shares, dataset, chosen, folds, repeats)
        except (SplitError, TrainingImpossibleError):
            raise problem from None
        few = f"With {counted(len(y), 'ECG')} there is no test part that would say how good a model is. "
        return HowTested("cross_validation", folds, repeats, True, few + _what_is_done(folds, repeats)), divided, made
    tested = y[division.parts.test]
    few = _too_few(y, tested, labels, dataset.task)
    if not few:
        n = counted(len(tested), "ECG")
        each = "" if dataset.task == "regression" else f", at least {FEW} with and {FEW} without each {noun}"
        return HowTested("holdout", automatic=True, reason=f"The test part holds {n}{each}: enough."), division, None
    seconds = estimates.of_folds(session, chosen, len(y), folds, repeats, only_head(chosen)).seconds
    if seconds > LONGEST_S:
        few += f" Cross-validation would take about {seconds / 3600:.0f} hours here. Choose it if you have the time."
        return HowTested("holdout", automatic=True, reason=few), division, None
    try:
        divided, made = _folds(grouped, shares, dataset, chosen, folds, repeats)
    except (SplitError, TrainingImpossibleError) as problem:
        return HowTested("holdout", automatic=True, reason=f"{few} But: {problem}"), division, None
    return HowTested("cross_validation", folds, repeats, True, f"{few} {_what_is_done(folds, repeats)}"), divided, made


def _by_source(
    session: Session, grouped: Grouped, shares: NDArray[np.float32], labels: Sequence[str], dataset: Dataset,
    by: FoldsBy, chosen: Plan,
) -> tuple[HowTested, Division, Folds]:  # fmt: skip
    """Divide by source: each fold is what comes from one."""
    ids = [example.recording_id for example in grouped.labelled]
    of = sources.names(session, grouped.project_id, ids, by)
    named = None if dataset.task == "regression" else labels
    notes: list[str] = []
    tested: list[Tested] = []

    def into(only_train: list[bool]) -> Folds:
        made = divide_by_source(shares, grouped.names, of, labels=named, only_train=only_train)
        learnt_from = {name for name, known in zip(of, only_train, strict=True) if known and name}
        notes.extend(_notes(made, learnt_from))
        tested.extend(made.tested)
        return made.folds

    division, folds = divide_into_folds(grouped, shares, into)
    check_inside(folds, shares, grouped.seed, chosen, named is not None)
    how = HowTested("cross_validation", folds.k, 1, folds_by=by, sources=tested)
    return how, replace(division, parts=replace(division.parts, notes=(*division.parts.notes, *notes))), folds


def _notes(found: SourceFolds, seen: set[str]) -> list[str]:
    """Say what is not tested, and what a test on a source does not tell."""
    said = []
    if found.n_unknown:
        said.append(
            counted(
                found.n_unknown,
                "recording is in no fold, as its source is not known. Only the kept model learns from it.",
                "recordings are in no fold, as their source is not known. Only the kept model learns from them.",
            )
        )
    if found.n_only_train:
        said.append(
            counted(
                found.n_only_train,
                "recording only ever trains: its source has too few patients, or all of them have the same labels.",
                "recordings only ever train: their sources have too few patients, or all of them have the same labels.",
            )
        )
    if tested := sorted({name for part in found.tested for name in part.names} & seen):
        of = ", ".join(tested)
        said.append(f"The base model has learned from recordings of {of}: what comes from there is not new to it.")
    return said


def _one(
    grouped: Grouped, y: NDArray[np.float32], shares: NDArray[np.float32], labels: Sequence[str],
    wanted: Mapping[str, Any], task: str,
) -> Division:  # fmt: skip
    """Divide into three parts, all of which can be used."""
    division = divide(grouped, shares, wanted)
    data = TrainingData(x=np.zeros((len(y), 12, 1), np.float32), y=y, split=division.parts)
    check_parts(data, labels, task)  # type: ignore[arg-type]  # the words of Task are all it can hold
    return division


def _folds(
    grouped: Grouped, shares: NDArray[np.float32], dataset: Dataset, chosen: Plan, folds: int, repeats: int
) -> tuple[Division, Folds]:  # fmt: skip
    """Divide into folds by patient, and see that those who learn in each can be parted once more."""
    labels = dataset.task != "regression"

    def into(only_train: list[bool]) -> Folds:
        return folds_by_lot(
            shares, grouped.names, seed=grouped.seed, folds=folds, repeats=repeats, only_train=only_train,
            each_label=labels,
        )  # fmt: skip

    division, made = divide_into_folds(grouped, shares, into)
    check_inside(made, shares, grouped.seed, chosen, labels)
    return division, made


def check_inside(folds: Folds, shares: NDArray[np.float32], seed: int, chosen: Plan, labels: bool) -> None:
    """Raise SplitError where those who learn in a fold cannot be parted once more; of very many this is not tried."""
    if len(shares) > _CHECKED:
        return
    head = only_head(chosen)
    for fold in range(folds.k):
        inside(
            folds, shares, 0, fold, seed=seed, parts=PARTS_OF_HEAD if head else PARTS_OF_NETWORK, only_first=not head,
            each_label=labels,
        )  # fmt: skip


def _too_few(y: NDArray[np.float32], tested: NDArray[np.float32], labels: Sequence[str], task: str) -> str:
    """Say why one test part would say too little; empty where it does not."""
    n = len(tested)
    rarest: tuple[int, int, str] | None = None  # in the test part, of all, in words
    if task != "regression":
        for place, label in enumerate(labels):
            for column, all_, word in (
                (tested[:, place], y[:, place], "with"),
                (1 - tested[:, place], 1 - y[:, place], "without"),
            ):
                count = (int(column.sum()), int(all_.sum()), f"{word} “{label}”")
                rarest = count if rarest is None or count < rarest else rarest
    if n >= FEW_TESTED and (rarest is None or rarest[0] >= FEW):
        return ""
    ecgs, little = counted(len(y), "ECG"), "too few to say how good a model is."
    if rarest is not None and rarest[0] < FEW:
        held = f"{rarest[0]} {rarest[2]}" if rarest[0] else f"none {rarest[2]}"
        return f"With {ecgs}, {rarest[1]} of them {rarest[2]}, one test part would hold {held}: {little}"
    return f"With {ecgs}, one test part would hold {n}: {little}"


def _what_is_done(folds: int, repeats: int) -> str:
    times = "" if repeats == 1 else f", and all this {repeats} times with other parts"
    return (
        f"So every ECG is tested: the patients are divided into {folds} parts, and each part is tested by a model that "
        f"has learned from the others{times} (cross-validation)."
    )


def _of_column(dataset: Dataset) -> str:
    return f"The column “{dataset.split_column}” of the table says which ECGs test."
