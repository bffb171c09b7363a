"""The division of a dataset for a training: by group, and never with anything in its test part that a base has seen."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.counted import counted
from backend.db.tables import Model
from backend.ecg.readers.nobody import outstanding
from backend.errors import InvalidInputError
from backend.ml.data import seen_list
from backend.ml.data.folds import Folds
from backend.ml.data.groups import groups_of
from backend.ml.data.seen_list import KINDS, Identity, SeenByModel
from backend.ml.data.sides import drawn, lots
from backend.ml.data.split import FRACTIONS, PARTS, Split, split, split_from_column
from backend.ml.errors import TrainingImpossibleError
from backend.services import seen
from backend.services.examples import Example

SPLIT_SEED: Final = 1
FEWEST_TEST: Final = 5  # recordings; fewer say nothing, so that leaving out more than remain is refused then
_NAMED: Final = 20
_TRAIN, _TEST = 0, 2  # places in PARTS


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Recordings that are kept out of the test part, and why; `files` names the first of them."""

    kind: str  # seen | two_parts
    text: str
    n: int
    files: list[str]


@dataclass(frozen=True, slots=True)
class Grouped:
    """Labelled recordings, what belongs together, and what the base has seen of each group.

    `names` are the groups of the recordings, in their order; `chain` what the base and its ancestors have seen.
    """

    project_id: str
    labelled: Sequence[Example]
    known: Mapping[str, Identity]  # id -> recording of the project
    names: list[str]
    chain: list[SeenByModel]
    held: Mapping[str, "_Held"]
    seed: int

    def not_checked(self) -> list[str]:
        """Say what cannot be known of leakage."""
        own = [self.known[example.recording_id] for example in self.labelled]
        return [*_of_base(self.chain, self.project_id), *_of_own(own)]

    def seen(self, parts: Split) -> bytes:
        """Return what the model that is made of these parts will have seen, itself first."""
        own = seen_list.seen_in(
            "",
            {part: [self.known[self.labelled[row].recording_id] for row in getattr(parts, part)] for part in PARTS},
            self.project_id,
        )
        return seen_list.to_bytes([own, *self.chain])


@dataclass(frozen=True, slots=True)
class Division:
    """Who learns, validates and tests. `seen` is what the model to be made will have seen, itself first."""

    parts: Split
    left_out: list[LeftOut] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    seen: bytes = b""


def grouped(
    session: Session, project_id: str, labelled: Sequence[Example], wanted: Mapping[str, Any], base: Model | None
) -> Grouped:
    """Find out what of labelled recordings belongs together, and what `base` or one of its ancestors has seen of it."""
    everyone = seen.identities(session, project_id)
    alike = wanted.get("spellings", "same") == "same"
    groups = {one.recording_id: name for one, name in zip(everyone, groups_of(everyone, alike), strict=True)}
    chain = seen.list_of(session, base) if base is not None else []
    chosen = wanted.get("split_seed")
    return Grouped(
        project_id, labelled, {one.recording_id: one for one in everyone},
        [groups[example.recording_id] for example in labelled], chain, _held(chain, everyone, groups),
        SPLIT_SEED if chosen is None else int(chosen),
    )  # fmt: skip


def divide(one: Grouped, y: NDArray[np.float32], wanted: Mapping[str, Any]) -> Division:
    """Divide labelled recordings into three parts; y (N, L) of 0 and 1 is what every part should have some of.

    What `base` or one of its ancestors trained on trains, what they validated on validates or trains, in no case does
    it test; what they tested on goes on testing. Where the table's own folds are followed, such recordings of the test
    fold are in no part.
    Raises SplitError or InvalidInputError for an impossible split, TrainingImpossibleError where too little is left to
    test on.
    """
    by = _by_column if wanted.get("kind") == "column" else _by_lot
    parts, left_out = by(one.labelled, y, one.names, wanted, one.seed, one.held)
    _check_test(parts.test, y, left_out)
    return Division(parts, left_out, one.not_checked(), one.seen(parts))


def divide_into_folds(
    one: Grouped, y: NDArray[np.float32], into: Callable[[list[bool]], Folds]
) -> tuple[Division, Folds]:
    """Divide labelled recordings into folds by a rule, given which only train; the model that is kept learns from all.

    What `base` or one of its ancestors trained or validated on only trains; what they tested on may be tested.
    Raises what `into` raises, TrainingImpossibleError where too little is left to test on.
    """
    known = np.array([name in one.held and one.held[name].part < _TEST for name in one.names])
    rows = np.flatnonzero(known)
    left_out = _seen(one.labelled, one.names, rows, one.held, "kept out of all folds, in which one tests")
    _check_test(np.flatnonzero(~known), y, left_out)
    made = into(known.tolist())
    everyone, nobody = np.arange(len(one.names), dtype=np.intp), np.empty(0, np.intp)
    parts = Split(everyone, nobody, nobody)
    return Division(parts, left_out, one.not_checked(), one.seen(parts)), made


def tested_by_lot(session: Session, project_id: str) -> set[str]:
    """Return the recordings of a project on which trainings that are divided by lot test, where nothing says otherwise.

    Whoever learns from all others, such as a pre-training, leaves them to test what is made of it.
    """
    everyone = seen.identities(session, project_id)
    parts = drawn(lots(groups_of(everyone, True), SPLIT_SEED), FRACTIONS)
    return {one.recording_id for one, part in zip(everyone, parts, strict=True) if part == _TEST}


@dataclass(frozen=True, slots=True)
class _Held:
    """What the base has seen of a group: the earliest part, in whose training, and of each recording by what."""

    part: int
    model: str
    how: dict[str, str]


def _held(chain: Sequence[SeenByModel], everyone: Sequence[Identity], groups: Mapping[str, str]) -> dict[str, _Held]:
    """Return what models have seen of the groups. A group of which they know one recording is known as a whole."""
    if not chain:
        return {}
    found = seen_list.find(chain, seen_list.keys_of(everyone), len(everyone))
    held: dict[str, _Held] = {}
    for row in np.flatnonzero(found.part < len(PARTS)).tolist():
        one, part = everyone[row], int(found.part[row])
        group, how = groups[one.recording_id], KINDS[int(found.kind[row])]
        before = held.get(group)
        if before is None or part < before.part:
            before = held[group] = _Held(part, chain[int(found.model[row])].name, before.how if before else {})
        before.how[one.recording_id] = how
    return held


def _by_lot(
    labelled: Sequence[Example],
    y: NDArray[np.float32],
    names: Sequence[str],
    wanted: Mapping[str, Any],
    seed: int,
    held: Mapping[str, _Held],
) -> tuple[Split, list[LeftOut]]:
    fractions = tuple(wanted.get(part, usual) for part, usual in zip(PARTS, FRACTIONS, strict=True))
    drawn = split(y, names, seed=seed, fractions=fractions)
    if not held:
        return drawn, []
    parts_held = [held[name].part if name in held else -1 for name in names]
    parts = split(y, names, seed=seed, fractions=fractions, held=parts_held)
    return parts, _seen(labelled, names, np.setdiff1d(drawn.test, parts.test), held)


def _by_column(
    labelled: Sequence[Example],
    y: NDArray[np.float32],
    names: Sequence[str],
    wanted: Mapping[str, Any],
    seed: int,
    held: Mapping[str, _Held],
) -> tuple[Split, list[LeftOut]]:
    values = [example.part or "" for example in labelled]
    if not any(values):
        raise InvalidInputError("The dataset has no split or fold column. Choose a random split, or add the column.")
    parts = split_from_column(
        values, y=y, groups=names, seed=seed,
        test_fold=wanted.get("test_fold"), validation_fold=wanted.get("validation_fold"),
    )  # fmt: skip
    nowhere = np.setdiff1d(np.arange(len(names)), np.concatenate([parts.train, parts.validation, parts.test]))
    left_out = []
    if len(nowhere):
        text = (
            f"{_recordings(len(nowhere))} left out: the same patient, or the same signal, is in an earlier part of the "
            "split column too."
        )
        left_out.append(LeftOut("two_parts", text, len(nowhere), _files(labelled, nowhere)))
    known = np.array([row for row in parts.test if names[row] in held and held[names[row]].part < _TEST], np.intp)
    left_out += _seen(labelled, names, known, held)
    return Split(parts.train, parts.validation, np.setdiff1d(parts.test, known), parts.notes), left_out


def _seen(
    labelled: Sequence[Example], names: Sequence[str], rows: NDArray[np.intp], held: Mapping[str, _Held],
    kept: str = "kept out of the test part",
) -> list[LeftOut]:  # fmt: skip
    """Say of recordings which model has seen them, and by what that is known."""
    by_model: dict[tuple[str, int], list[int]] = {}
    for row in rows.tolist():
        if names[row] in held:
            by_model.setdefault((held[names[row]].model, held[names[row]].part), []).append(row)
    result = []
    for (model, part), some in by_model.items():
        how = Counter(held[names[row]].how.get(labelled[row].recording_id, "patient") for row in some)
        reasons = ", ".join(f"{seen.HOW[kind]} ({how[kind]})" for kind in KINDS if how[kind])
        text = (
            f"{_recordings(len(some))} {kept}: in the "
            f"{'training' if part == _TRAIN else 'validation'} of “{model}” was {reasons}."
        )
        result.append(LeftOut("seen", text, len(some), _files(labelled, some)))
    return result


def _recordings(n: int) -> str:
    return counted(n, "recording was", "recordings were")


def _files(labelled: Sequence[Example], rows: Sequence[int] | NDArray[np.intp]) -> list[str]:
    return [labelled[int(row)].file_name for row in rows[:_NAMED]]


def _check_test(tested: NDArray[np.intp], y: NDArray[np.float32], left_out: Sequence[LeftOut]) -> None:
    n, lost = len(tested), sum(one.n for one in left_out)
    if not lost:
        return
    present = y[tested].sum(axis=0)
    if (n >= FEWEST_TEST or n > lost) and ((present > 0) & (present < n)).any():
        return
    what = (
        "Add recordings that the base model has not seen, choose another base model, or train from scratch."
        if any(one.kind == "seen" for one in left_out)
        else "Give each patient one part of the split column, or choose a random split."
    )
    left = f"Only {counted(n, 'recording is', 'recordings are')}" if n else "Nothing is"
    raise TrainingImpossibleError(
        f"{left} left to test on, too little for a result. {' '.join(one.text for one in left_out)} {what}"
    )


def _of_base(chain: Sequence[SeenByModel], project_id: str) -> list[str]:
    """Say what cannot be known of the models that a training starts from."""
    said = []
    for one in chain:
        told = f" Its card says: {one.told}" if one.told else ""
        if not one.known:
            said.append(f"whether “{one.name}” has seen the test recordings: it is not known what it has seen{told}.")
            continue
        if not seen_list.same_pseudonyms(one, project_id) and any(
            len(kinds.get("patient", ())) for kinds in one.parts.values()
        ):
            said.append(
                f"whether “{one.name}” has seen other recordings of the same patients: it comes from another project, "
                "where patients have other pseudonyms. Signals were compared."
            )
        if n := one.gaps.get("copy", 0):
            said.append(
                f"whether {counted(n, 'recording', 'of the recordings')} that “{one.name}” has seen "
                f"{'is' if n == 1 else 'are'} here as nearly identical copies."
            )
    return said


def _of_own(labelled: Sequence[Identity]) -> list[str]:
    """Say what cannot be known of the recordings themselves."""
    said = []
    counts = Counter(patient for one in labelled for patient in one.patients)
    if many := outstanding(counts):
        (patient, n), other = counts.most_common(1)[0], many[1]
        said.append(
            f"whether {patient} is one patient: it stands for {n} recordings, any other for at most {other}. Devices "
            "write a number such as 9999 where they know no patient."
        )
    n = sum(one.fingerprint is None for one in labelled)
    if n:
        said.append(
            f"whether {n} of {len(labelled)} recordings are nearly identical copies of others: they were imported by "
            "an earlier version, or have no course. They are compared once a model has predicted them."
        )
    return said
