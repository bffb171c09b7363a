"""What a model and its ancestors have seen of the recordings of a project: in training, in validation, in a test."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal, get_args

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, DatasetEntry, Model, Recording, Run
from backend.ml.data import seen_list
from backend.ml.data.groups import groups_of
from backend.ml.data.seen_list import Identity, SeenByModel
from backend.ml.data.split import PARTS

Status = Literal["training", "validation", "test", "no", "not known"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
LEARNT_FROM: Final[tuple[Status, ...]] = ("training", "validation")
"""How a model has seen what it cannot be judged on. What was in a test only is new to it, where all is known."""
_OF_PART: Final[Mapping[str, Status]] = {"train": "training", "validation": "validation", "test": "test"}
_FEW: Final = 500  # ids that are asked for one by one
_DEEP: Final = 100  # ancestors
_KEPT_BYTES: Final = 8 << 20
_read = lru_cache(maxsize=4)(seen_list.from_bytes)  # a model is asked for one recording after the other
OF_ONE_PATIENT: Final = frozenset((
    "cardiosoft-xml", "dicom", "edf", "hl7-aecg", "ishne", "kardia", "mfer", "mortara-xml", "muse-xml", "schiller-xml",
    "scp", "sierra-xml", "wfdb",
))  # fmt: skip
"""Formats whose files hold one patient each, so that several recordings of a file are windows of one patient."""
HOW: Final = {
    "recording": "this recording",
    "signal": "the same signal",
    "copy": "a nearly identical signal",
    "patient": "another recording of the patient",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """Whether a model has seen a recording; `how` is one of `backend.ml.data.seen_list.KINDS`, `model` who has.

    Where it is not known, `why` says of which model, `told` what a card says in words, and `how` and `model` whose test
    the recording was in, if any.
    """

    status: Status
    how: str = ""
    model: str = ""
    why: str = ""
    told: str = ""

    @property
    def text(self) -> str:
        """What is to be said of it, empty where the model has not seen it."""
        if self.status == "no":
            return ""
        if self.status == "not known":
            tested = f"{HOW[self.how]} was in the test of “{self.model}”, but it is " if self.how else ""
            said = f"{tested}not known whether {self.why or 'the model'} has seen it"
            return f"{said}. {self.told}" if self.told else said
        return f"{HOW[self.how]} was in the {self.status} of “{self.model}”"


NO: Final = Seen("no")
NOT_KNOWN: Final = Seen("not known")


def identities(session: Session, project_id: str, ids: Collection[str] | None = None) -> list[Identity]:
    """Return by what recordings of a project are recognised, all of them for None; the order is that of their ids.

    Patients are those that the file names and those that any complete table of labels of the project names.
    """
    asked = None if ids is None or len(ids) > _FEW else ids  # of very many, all rows are read and some kept
    of_tables = (
        select(DatasetEntry.recording_id, DatasetEntry.patient_id, DatasetEntry.patient_alike)
        .join(Dataset, Dataset.id == DatasetEntry.dataset_id)
        .where(Dataset.project_id == project_id, Dataset.complete, DatasetEntry.patient_id.is_not(None))
    )
    rows = select(
        Recording.id,
        Recording.signal_key,
        Recording.fingerprint,
        Recording.patient_id,
        Recording.patient_alike,
        Recording.source_sha256,
        Recording.format,
    ).where(Recording.project_id == project_id)
    if asked is not None:
        of_tables = of_tables.where(DatasetEntry.recording_id.in_(asked))
        rows = rows.where(Recording.id.in_(asked))
    named: dict[str | None, list[tuple[str | None, str | None]]] = {}
    for recording_id, patient, alike in session.execute(of_tables):
        named.setdefault(recording_id, []).append((patient, alike))
    wanted = None if ids is None or asked is not None else set(ids)
    return [
        Identity(
            recording_id, key, print_,
            *(_patient(patient, alike) if one is None else _patients([(patient, alike), *one])),
            source if format_ in OF_ONE_PATIENT else "",
        )
        for recording_id, key, print_, patient, alike, source, format_ in session.execute(rows.order_by(Recording.id))
        if wanted is None or recording_id in wanted
        for one in (named.get(recording_id),)
    ]  # fmt: skip


def _patient(patient: str | None, alike: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (patient,) if patient else (), (alike,) if alike else ()


def _patients(named: Sequence[tuple[str | None, str | None]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return pseudonyms, and those of all their spellings."""
    patients, spellings = ({pair[place] for pair in named} - {None} for place in (0, 1))
    return tuple(sorted(map(str, patients))), tuple(sorted(map(str, spellings)))


def seen_by(session: Session, model: Model, project_id: str, recordings: Iterable[str]) -> dict[str, Seen]:
    """Say of recordings of a project, given by their ids, whether the model or an ancestor has seen them.

    The model may be of another project: signals and their copies are recognised everywhere, patients by pseudonyms of
    their project only.

    What was trained on counts before what was validated on, and that before what was tested on. "not known" is said
    where one of the models has not told what it has seen. Made for all recordings of a project at once. A recording
    whose id, signal, fingerprint and patients are all new to the models is new, also where another one of the patient
    is known by its signal alone; `in_groups` and `division.divide` follow such chains. One from the test part of a
    model is not known either where an ancestor has not told what it has seen: it may have learned from it.
    """
    chain = list_of(session, model)
    if not any(one.parts for one in chain):  # nobody tells anything by which a recording could be found
        return look_up(chain, [Identity(one, "", None) for one in recordings])
    return look_up(chain, identities(session, project_id, list(recordings)))


def in_groups(session: Session, chain: Sequence[SeenByModel], project_id: str, ids: Collection[str]) -> dict[str, Seen]:
    """Say the same of recordings that a model is to be judged on, as a training divides them: by what belongs together.

    A group, such as the recordings of a patient, of which the models have learned from one recording is known as a
    whole, also where that one is recognised by its signal alone, as in a project with other pseudonyms.
    """
    if not any(one.parts for one in chain):
        return look_up(chain, [Identity(one, "", None) for one in ids])
    everyone = identities(session, project_id)
    said = look_up(chain, everyone)
    groups = {one.recording_id: name for one, name in zip(everyone, groups_of(everyone), strict=True)}
    learnt: dict[str, Seen] = {}
    for recording, one in said.items():
        if one.status in LEARNT_FROM:
            before = learnt.get(groups[recording])
            if before is None or LEARNT_FROM.index(one.status) < LEARNT_FROM.index(before.status):
                learnt[groups[recording]] = replace(one, how="patient")
    return {one: said[one] if said[one].status in LEARNT_FROM else learnt.get(groups[one], said[one]) for one in ids}


def look_up(seen: Sequence[SeenByModel], recordings: Sequence[Identity]) -> dict[str, Seen]:
    """Say of recordings whether one of these models has seen them."""
    found = seen_list.find(seen, seen_list.keys_of(recordings), len(recordings))
    untold = not_known(seen)
    otherwise = NO if untold is None else untold
    said: dict[tuple[int, int, int], Seen] = {}
    result: dict[str, Seen] = {}
    for one, *where in zip(recordings, found.part.tolist(), found.kind.tolist(), found.model.tolist(), strict=True):
        part, kind, place = where
        if part == len(PARTS):
            result[one.recording_id] = otherwise
            continue
        if (part, kind, place) not in said:
            one_of = Seen(_OF_PART[PARTS[part]], seen_list.KINDS[kind], seen[place].name)
            said[part, kind, place] = (
                replace(one_of, status="not known", why=untold.why, told=untold.told)
                if untold is not None and one_of.status == "test"
                else one_of
            )
        result[one.recording_id] = said[part, kind, place]
    return result


def not_known(seen: Sequence[SeenByModel]) -> Seen | None:
    """Return what is to be said of a recording that nobody is known to have learned from; None where all have told.

    What a card names in words goes with it: sets are not recordings, so that each remains not known.
    """
    if not seen:
        return NOT_KNOWN
    untold = [one for one in seen if not one.known]
    if not untold:
        return None
    own = ["the model"] if not seen[0].known else []
    others = [f"“{one.name}”, which the model was made from," for one in seen[1:] if not one.known]
    return Seen("not known", why=" or ".join([*own, *others]), told=as_told(seen))


def as_told(seen: Sequence[SeenByModel]) -> str:
    """Return what the cards of models that keep no list say in words, a sentence each; empty where none says any."""
    return " ".join(f"The card of “{one.name}” says: {one.told}" for one in seen if not one.known and one.told)


def counts(seen: Iterable[Seen]) -> dict[str, int]:
    """Count recordings by whether they were seen, only what there is."""
    all_of_them = [one.status for one in seen]
    return {status: all_of_them.count(status) for status in STATUSES if status in all_of_them}


_OWN: Final = Model.id == bindparam("id")
_TOLD: Final = (
    select(Model.seen, _OWN)
    .where(_OWN | (Model.onnx_key == bindparam("key")), Model.seen.is_not(None))
    .order_by(_OWN.desc())
    .limit(1)
)


def list_of(session: Session, model: Model) -> list[SeenByModel]:
    """Return what a model and its ancestors have seen, its own first; what nobody has told is not `known`."""
    chain: list[SeenByModel] = []
    todo: Model | None = model
    while todo is not None and len(chain) < _DEEP:
        stored = _stored(session, todo)
        if stored is not None:
            return [*chain, *stored]
        own = _of_run(session, todo)
        chain.append(own or not_told(todo))
        if own is None and todo.manifest.get("lineage") and todo.base_model_id is None:
            return chain  # its ancestors are no better known than it is itself
        todo = session.get(Model, todo.base_model_id) if todo.base_model_id else None
    return chain


def not_told(model: Model) -> SeenByModel:
    """Return the entry of a model that does not tell what it has seen."""
    return SeenByModel(
        name=model.name, sha256=model.onnx_key or "", known=False, told=str(model.manifest.get("trained_on", ""))
    )


def _stored(session: Session, model: Model) -> list[SeenByModel] | None:
    """Return what is kept of a model, or of the same file in another project, whose walls keep nothing from this."""
    for data, is_own in session.execute(_TOLD, {"id": model.id, "key": model.onnx_key or None}):
        assert data is not None
        first, *others = _read(data) if len(data) <= _KEPT_BYTES else seen_list.from_bytes(data)
        return [first if is_own else replace(first, name=model.name), *others]
    return None


def _of_run(session: Session, model: Model) -> SeenByModel | None:
    """Return what a model has seen that was trained before this was kept, as far as its run is still there."""
    run = session.get(Run, model.run_id) if model.run_id else None
    if run is None:
        return None
    return replace(
        of_parts(session, run.project_id, model.name, {part: run.split[part] for part in PARTS}), sha256=model.onnx_key
    )


def of_run(run: Run, model: Model) -> bytes | None:
    """Return what a model has seen that a run has just made; None of a run that was asked for before this was kept."""
    if run.seen is None:
        return None
    own, *ancestors = seen_list.from_bytes(run.seen)
    return seen_list.to_bytes([replace(own, name=model.name, sha256=model.onnx_key), *ancestors])


def keep(session: Session, model: Model) -> None:
    """Note what a model has seen that only its run still knows, before the run goes."""
    if model.seen is None:
        told = list_of(session, model)
        model.seen = seen_list.to_bytes(told) if any(one.known for one in told) else None


def for_package(session: Session, model: Model) -> bytes | None:
    """Return what the package of a model says of what it has seen: salted hashes; None where nothing is known.

    The salt is that of the package: equal packages are equal to the byte, and of two packages nobody can tell whether
    they have seen the same patients.
    """
    seen = list_of(session, model)
    if not any(one.known for one in seen):
        return None
    salt = hashlib.sha256(f"seen by {model.onnx_key}".encode()).digest()[:16]
    return seen_list.to_bytes(seen_list.salted(seen, salt))


def of_parts(session: Session, project_id: str, name: str, parts: Mapping[str, Sequence[str]]) -> SeenByModel:
    """Return what is seen in training on parts of recordings, given by their ids; of deleted ones the id is known."""
    known = {one.recording_id: one for one in identities(session, project_id)}
    return seen_list.seen_in(
        name,
        {part: [known.get(one) or Identity(one, f"deleted {one}", None) for one in ids] for part, ids in parts.items()},
        project_id,
    )
