"""Erasing a patient from a project: every row, every byte and every name, and the flag on models that learned of them.

Source: Regulation (EU) 2016/679, Article 17. What stays: weights of models that were trained (they are flagged),
figures that were measured, and the audit log, which names recordings by ids that lead nowhere any more. Backups, and
disks below the file system, are beyond the platform (docs/security.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from backend.db.rewrite import rewrite
from backend.db.session import engine_for, write_session
from backend.db.tables import Dataset, DatasetEntry, Evaluation, Job, Model, Recording
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.ml.data import seen_list
from backend.ml.data.split import PARTS
from backend.pseudonym import normal_form
from backend.services import blobs, jobs, patients, projects, seen, touched
from backend.services.erasure_names import names_of
from backend.services.erasure_rules import RULES, Erased
from backend.services.erasure_scrub import Scrubber
from backend.storage import Storage

_PSEUDONYM_LENGTH = 18  # "p-" and 16 hexadecimal digits


@dataclass(frozen=True, slots=True)
class Found:
    """What a project has of a patient."""

    n_recordings: int
    n_labels: int
    models: Sequence[str] = ()
    """Names of the models that have learned from the recordings."""


@dataclass(frozen=True, slots=True)
class Report(Found):
    """What was erased: rows by table, and files."""

    rows: dict[str, int] = field(default_factory=dict)
    n_files: int = 0


def pseudonyms_of(project_id: str, patient: str) -> list[str]:
    """Return the pseudonyms of an identifier: as it is written, and of all its spellings; a pseudonym is its own."""
    plain = patient.strip()
    if not plain:
        raise InvalidInputError("Say which patient: the identifier as it stands in the file or table, or a pseudonym.")
    if plain.startswith("p-") and len(plain) == _PSEUDONYM_LENGTH:
        return [plain]
    both = (patients.pseudonym_of(project_id, plain), patients.pseudonym_of(project_id, normal_form(plain)))
    return [one for one in both if one is not None]


def look(session: Session, project_id: str, patient: str) -> Found:
    """Say what would be erased. Raises NotFoundError where the project has nothing of this patient."""
    projects.get(session, project_id)
    pseudonyms = pseudonyms_of(project_id, patient)
    rows = _recordings(session, project_id, pseudonyms)
    n_labels = len(session.scalars(_entries(project_id, pseudonyms)).all())
    if not rows and not n_labels:
        raise NotFoundError("This project has neither recordings nor labels of this patient. Check the identifier.")
    touched.add(row.id for row in rows)
    return Found(len(rows), n_labels, _learned(session, [row.id for row in rows], project_id))


def erase(url: str, storage: Storage, project_id: str, patient: str) -> Report:
    """Erase a patient for good, in one unit of work; then their bytes, and what is left of them in free pages.

    `patient` is the identifier as files or tables write it, in any spelling, or a pseudonym. Raises NotFoundError where
    there is nothing of this patient, and ConflictError while a job is going on that may hold the recordings.
    """
    with write_session(url) as session:
        found = look(session, project_id, patient)
        projects.hold(session, project_id)
        check_idle(session, project_id)
        pseudonyms = pseudonyms_of(project_id, patient)
        rows = _recordings(session, project_id, pseudonyms)
        keys = {key for row in rows for key in blobs.keys_of(row)}
        what = _what(session, project_id, patient, pseudonyms, rows)
        session.expunge_all()
        changed = {table: rule(session, what) for table, rule in RULES.items() if not isinstance(rule, str)}
    n_files = blobs.forget(engine_for(url), storage, keys)
    rewrite(url)
    return Report(
        found.n_recordings, found.n_labels, found.models, {name: n for name, n in changed.items() if n}, n_files
    )


def erase_recordings(session: Session, project_id: str, recording_ids: Sequence[str]) -> set[str]:
    """Erase recordings, with all that is of them, within the present unit of work.

    What else the project has of their patients stays, labels without a recording too. Returns the keys of bytes, to be
    forgotten after the commit. Raises ConflictError while a job is going on that may hold them.
    """
    projects.hold(session, project_id)
    check_idle(session, project_id)
    mine = (Recording.project_id == project_id, Recording.id.in_(recording_ids))
    rows = list(session.scalars(select(Recording).where(*mine)))
    keys = {key for row in rows for key in blobs.keys_of(row)}
    what = _what(session, project_id, "", [], rows)
    session.expunge_all()
    for rule in RULES.values():
        if not isinstance(rule, str):
            rule(session, what)
    return keys


def _recordings(session: Session, project_id: str, pseudonyms: Sequence[str]) -> list[Recording]:
    """Return the recordings of a patient, by what their files or any table of labels say."""
    of_tables = _entries(project_id, pseudonyms).with_only_columns(DatasetEntry.recording_id)
    mine = or_(
        Recording.patient_id.in_(pseudonyms), Recording.patient_alike.in_(pseudonyms), Recording.id.in_(of_tables)
    )
    return list(session.scalars(select(Recording).where(Recording.project_id == project_id, mine)))


def _entries(project_id: str, pseudonyms: Sequence[str]) -> Select[DatasetEntry]:
    mine = or_(DatasetEntry.patient_id.in_(pseudonyms), DatasetEntry.patient_alike.in_(pseudonyms))
    return select(DatasetEntry).join(Dataset).where(Dataset.project_id == project_id, mine)


def _what(
    session: Session, project_id: str, patient: str, pseudonyms: Sequence[str], rows: Sequence[Recording]
) -> Erased:
    """Return what is to be erased: recordings, and all there is of a patient where `pseudonyms` are given."""
    names, shared = names_of(session, project_id, rows, patient, pseudonyms)
    ids = [row.id for row in rows]
    files = {row.file_name for row in rows} | {item.name for row in rows for item in row.originals}
    whose = {one for row in rows for one in (row.patient_id, row.patient_alike) if one} if pseudonyms else set[str]()
    return Erased(
        project_id, ids, sorted({*pseudonyms, *whose} - shared), files - shared, Scrubber(names),
        _own_keys(session, project_id, ids),
    )  # fmt: skip


def _own_keys(session: Session, project_id: str, ids: Sequence[str]) -> seen_list.Keys:
    """Return by what models recognise recordings, without what other recordings of the project share with them."""
    everyone = seen.identities(session, project_id)
    gone = set(ids)
    order = {one: place for place, one in enumerate(ids)}
    mine = sorted((one for one in everyone if one.recording_id in gone), key=lambda one: order[one.recording_id])
    left = seen_list.keys_of([one for one in everyone if one.recording_id not in gone])
    keys = seen_list.keys_of(mine)
    return {
        kind: (rows[keep], numbers[keep])
        for kind, (rows, numbers) in keys.items()
        for keep in (~np.isin(numbers, left[kind][1]),)
    }


def _learned(session: Session, ids: Sequence[str], project_id: str) -> list[str]:
    keys = _own_keys(session, project_id, ids)
    names = []
    for model in session.scalars(select(Model).where(Model.seen.is_not(None)).order_by(Model.name)):
        found = seen_list.find(seen_list.from_bytes(model.seen or b""), keys, len(ids))
        if (found.part < len(PARTS)).any():
            names.append(model.name)
    return names


def check_idle(session: Session, project_id: str) -> None:
    """Raise ConflictError while a job goes on that works on the project's recordings."""
    elsewhere = select(Evaluation.job_id).where(Evaluation.dataset_project_id == project_id)
    here = or_(Job.project_id == project_id, Job.id.in_(elsewhere))
    if session.scalar(select(Job.id).where(here, Job.status.not_in(jobs.FINISHED)).limit(1)) is not None:
        raise ConflictError("A job is going on that may work on these ECGs. Cancel it or wait, then erase the patient.")
