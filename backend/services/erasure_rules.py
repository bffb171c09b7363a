"""What becomes of each table when a patient is erased: the one table of it, in which every table has a line.

A table that is new gets a line here; until it has one, tests/services/test_erasure.py fails. Rows that are of a
recording go with it; rows that stay are scrubbed of every name of recording and patient; rows that can hold none are
named with the reason.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from backend.db.session import after_commit
from backend.db.tables import (
    AnsweredRequest,
    ComparedRun,
    Comparison,
    Dataset,
    DatasetEntry,
    DriftCheck,
    Evaluation,
    Explanation,
    Import,
    ImportOutcome,
    Job,
    JobEvent,
    KeptFigure,
    LabelSet,
    Model,
    Prediction,
    Project,
    Recording,
    RetentionHold,
    RetentionRule,
    Run,
    SavedView,
    Table,
    Transfer,
)
from backend.ml.data import seen_list
from backend.ml.data.seen_list import Keys
from backend.ml.data.split import PARTS
from backend.services import checkpoints, run_division
from backend.services.erasure_scrub import Scrubber
from backend.settings import get_settings

AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Erased:
    """What is to be erased from a project: recordings by their ids, the patient's pseudonyms, all names, seen keys."""

    project_id: str
    recording_ids: Collection[str]
    pseudonyms: Collection[str]
    file_names: Collection[str]
    """Of the files, those that others have too left out, as are the pseudonyms that others have."""
    scrubber: Scrubber
    keys: Keys
    """By what models recognise the recordings; what other recordings share with them is left out."""


Rule: TypeAlias = Callable[[Session, Erased], int] | str
"""Erases from a table and returns how many rows it deleted or changed; a text: why there is nothing to erase."""


def of_recording(name: str) -> Callable[[Session, Erased], int]:
    """Return the rule that deletes the rows of a table whose `recording_id` is erased."""

    def erase(session: Session, what: Erased) -> int:
        table = Table.metadata.tables[name]
        n = 0
        for some in _some(what.recording_ids):
            done = session.execute(delete(table).where(table.c.recording_id.in_(some)))
            n += done.rowcount  # type: ignore[attr-defined]  # what SQLAlchemy says of a DELETE
        return n

    return erase


def scrubbed(kind: type[Table], *, of: type[Table] | None = None) -> Rule:
    """Return the rule that scrubs the rows of a project, or those that belong to a row `of` a table that is."""

    def erase(session: Session, what: Erased) -> int:
        query = select(kind)
        if of is not None:
            query = query.join(of)
        owner = kind if of is None else of
        return what.scrubber.rows(session, query.where(owner.__table__.c.project_id == what.project_id))

    return erase


def _recordings(session: Session, what: Erased) -> int:
    for some in _some(what.recording_ids):
        session.execute(delete(Recording).where(Recording.id.in_(some)))
    return len(what.recording_ids)


def _entries(session: Session, what: Erased) -> int:
    """Delete labels of the patient and of the recordings, also those that wait for a file of just that name."""
    of_project = select(Dataset.id).where(Dataset.project_id == what.project_id)
    mine = DatasetEntry.dataset_id.in_(of_project)
    patient = or_(DatasetEntry.patient_id.in_(what.pseudonyms), DatasetEntry.patient_alike.in_(what.pseudonyms))
    n: int = session.execute(delete(DatasetEntry).where(mine, patient)).rowcount  # type: ignore[attr-defined]
    nobodys = (DatasetEntry.recording_id.is_(None), DatasetEntry.patient_id.is_(None))
    rest: list[ColumnElement[bool]] = [DatasetEntry.recording_id.in_(some) for some in _some(what.recording_ids)]
    rest += [and_(DatasetEntry.file_name.in_(some), *nobodys) for some in _some(what.file_names)]
    for which in rest:
        done = session.execute(delete(DatasetEntry).where(mine, which))
        n += done.rowcount  # type: ignore[attr-defined]
    return n


def _outcomes(session: Session, what: Erased) -> int:
    """Delete what became of the patient's files, also of those that were refused or here already.

    What became of a file of several patients stays, without the recordings that go, as long as others are of it.
    """
    n, names = 0, frozenset(what.file_names)
    ids = frozenset(what.recording_ids)
    of_project = select(ImportOutcome).join(Import).where(Import.project_id == what.project_id)
    for row in session.scalars(of_project.execution_options(yield_per=500)):
        own = not ids.isdisjoint(row.recording_ids)
        left = [one for one in row.recording_ids if one not in ids]
        if (own and not _any_there(session, left)) or (not own and row.file_name in names):
            session.delete(row)
            n += 1
        else:
            row.recording_ids = left if own else row.recording_ids
            n += what.scrubber.row(row) or own
    return n


def _any_there(session: Session, recording_ids: Collection[str]) -> bool:
    return any(
        session.scalar(select(Recording.id).where(Recording.id.in_(some)).limit(1)) for some in _some(recording_ids)
    )


def _answers(session: Session, what: Erased) -> int:
    """Delete kept answers of the project: they are bytes in which nothing can be scrubbed, kept to be repeated only."""
    done = session.execute(delete(AnsweredRequest).where(AnsweredRequest.project_id == what.project_id))
    n: int = done.rowcount  # type: ignore[attr-defined]  # what SQLAlchemy says of a DELETE
    return n


def _holds(session: Session, what: Erased) -> int:
    """Delete holds of what is erased, and take its names out of the reasons of the others."""
    n = of_recording("retention_holds")(session, what)
    mine = RetentionHold.project_id == what.project_id
    patient = or_(RetentionHold.patient_id.in_(what.pseudonyms), RetentionHold.patient_alike.in_(what.pseudonyms))
    done = session.execute(delete(RetentionHold).where(mine, patient))
    n += int(done.rowcount)  # type: ignore[attr-defined]  # what SQLAlchemy says of a DELETE
    return n + what.scrubber.rows(session, select(RetentionHold).where(mine))


def _figures(session: Session, what: Erased) -> int:
    """Delete kept figures: the erased are counted in them, and they are counted again."""
    done = session.execute(delete(KeptFigure).where(KeptFigure.project_id == what.project_id))
    n: int = done.rowcount  # type: ignore[attr-defined]  # what SQLAlchemy says of a DELETE
    return n


def _evaluations(session: Session, what: Erased) -> int:
    here = or_(Evaluation.project_id == what.project_id, Evaluation.dataset_project_id == what.project_id)
    return what.scrubber.rows(session, select(Evaluation).where(here))


def _explanations(session: Session, what: Erased) -> int:
    """Delete explanations of what is erased, and take it out of those in which it is named as a nearest ECG."""
    n = of_recording("explanations")(session, what)
    gone = set(what.recording_ids)
    for row in session.scalars(select(Explanation).where(Explanation.project_id == what.project_id)):
        near = (row.result or {}).get("nearest") or {}
        kept = [one for one in near.get("recordings", []) if one["recording_id"] not in gone]
        less = len(kept) < len(near.get("recordings", []))
        if less:
            row.result = {**(row.result or {}), "nearest": {**near, "recordings": kept}}
        n += what.scrubber.row(row) or less
    return n


def _runs(session: Session, what: Erased) -> int:
    """Take the recordings out of divisions and of what was seen, and forget what a training might have gone on from."""
    data_dir = get_settings().data_dir
    after_commit(session, partial(_forget_prepared, session.get_bind(), data_dir, what.project_id))
    query = select(Run).where(Run.project_id == what.project_id)
    n = 0
    for run in session.scalars(query.execution_options(yield_per=50)):
        known = run.seen
        if known is not None:
            run.seen = _forgotten(known, what)[0]
        less = run_division.forget(run, what.recording_ids)
        if less:
            after_commit(session, partial(checkpoints.forget, checkpoints.place(data_dir, run.id)))
        asked = run.facts.get("questions", [])
        open_ = [
            one | {"files": [what.scrubber.text(name) for name in one["files"]]}  # as many as there are patients
            for one in asked
            if what.scrubber.value(one["patients"]) == one["patients"]  # else there is nothing to answer any more
        ]
        if open_ != asked:
            run.facts = run.facts | {"questions": open_}
        n += what.scrubber.row(run) or run.seen != known or less > 0 or open_ != asked
    return n


def _forget_prepared(bind: Engine | Connection, data_dir: Path, project_id: str) -> None:
    with Session(bind) as session:
        checkpoints.forget_prepared(session, data_dir, project_id)


def _models(session: Session, what: Erased) -> int:
    """Take the recordings out of what models know of their training, and flag those that have learned from them."""
    n = 0
    for model in session.scalars(select(Model).execution_options(yield_per=50)):
        learned = 0
        if model.seen is not None:
            model.seen, learned = _forgotten(model.seen, what)
        if learned:
            model.n_erased += learned
            model.profile = None  # it can be made anew of the others
        changed = what.scrubber.row(model) if model.project_id == what.project_id else False
        n += bool(learned) or changed
    return n


def _forgotten(data: bytes, what: Erased) -> tuple[bytes, int]:
    """Return a list of what was seen without what is erased, and how many of its recordings were in it."""
    seen = seen_list.from_bytes(data)
    n = len(what.recording_ids)
    found = seen_list.find(seen, what.keys, n)
    learned = int((found.part < len(PARTS)).sum())
    return seen_list.to_bytes([seen_list.without(one, what.keys) for one in seen]), learned


def _some(ids: Collection[str]) -> list[list[str]]:
    ordered = sorted(ids)
    return [ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE)]


_ACCOUNTS = "It is of people who sign in, not of patients."
RULES: Final[Mapping[str, Rule]] = {
    "originals": of_recording("originals"),
    "recording_names": of_recording("recording_names"),
    "prediction_results": of_recording("prediction_results"),
    "evaluation_rows": of_recording("evaluation_rows"),
    "drift_check_rows": of_recording("drift_check_rows"),
    "out_of_fold_rows": of_recording("out_of_fold_rows"),
    "readings": of_recording("readings"),
    "reveals": of_recording("reveals"),
    "retention_notices": of_recording("retention_notices"),
    "label_sets": scrubbed(LabelSet),
    "dataset_entries": _entries,
    "import_outcomes": _outcomes,
    "recordings": _recordings,
    "runs": _runs,
    "models": _models,
    "evaluations": _evaluations,
    "explanations": _explanations,
    "drift_checks": scrubbed(DriftCheck),
    "stress_tests": "It holds scores of many ECGs at once.",
    "projects": lambda session, what: what.scrubber.rows(session, select(Project).where(Project.id == what.project_id)),
    "comparisons": scrubbed(Comparison),
    "compared_runs": scrubbed(ComparedRun, of=Comparison),
    "imports": scrubbed(Import),
    "saved_views": scrubbed(SavedView),
    "datasets": scrubbed(Dataset),
    "predictions": scrubbed(Prediction),
    "transfers": scrubbed(Transfer),
    "answered_requests": _answers,
    "kept_figures": _figures,
    "webhooks": "It holds addresses and secrets of systems, not of patients.",
    "jobs": scrubbed(Job),
    "job_events": scrubbed(JobEvent, of=Job),
    "workers": "It names processes and queues.",
    "exchanges": "Models alone are shared, and what was found there is of others.",
    "publisher_keys": "It holds keys of publishers.",
    "retention_rules": scrubbed(RetentionRule),
    "retention_holds": _holds,
    "housekeeping": "It says when something was last done.",
    "users": _ACCOUNTS,
    "identities": _ACCOUNTS,
    "members": _ACCOUNTS,
    "login_sessions": _ACCOUNTS,
    "api_keys": _ACCOUNTS,
    "one_time_links": _ACCOUNTS,
    "login_failures": _ACCOUNTS,
    "audit_entries": "It names recordings by random ids, which lead nowhere once they are erased, and no patient.",
    "audit_heads": "It holds the end of the audit log.",
}
"""Table -> what becomes of it, in the order in which it is done."""
