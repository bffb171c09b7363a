"""A pass of retention: notices are given, and what was noticed long enough ago is erased.

Any number of workers may do this at once: each erasing looks again, in its own unit of work and while it holds the
project, whether rule, notice and age still allow it and no hold stands against it. It writes its line of the audit log
in the same unit of work.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from backend.db.rewrite import rewrite
from backend.db.session import engine_for, read_session, write_session_of_many
from backend.db.tables import Housekeeping, Project, Recording, RetentionNotice, RetentionRule, utc_now
from backend.errors import ConflictError, NotFoundError, UnavailableError
from backend.services import audit, blobs, erasure, projects, retention
from backend.services.housekeeping import OWED
from backend.services.person import Person
from backend.services.retention_holds import is_held
from backend.settings import Settings
from backend.storage import Storage

log = logging.getLogger(__name__)
BY_ITSELF: Final = Person(id="retention", name="retention rule", via="retention", is_admin=True)
ACTION: Final = "erase_by_retention"
AT_ONCE: Final = 200
"""Recordings of one unit of work: others write in between."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a pass did in a project, or would do."""

    project_id: str
    project: str
    n_noticed: int
    n_erased: int
    waits: bool
    """Something is due, and waits for a job that may work on these ECGs."""


def run(settings: Settings, storage: Storage, now: datetime | None = None, only: str = "") -> Sequence[Done]:
    """Give notices and erase what is due, in all projects that have a rule, or in one. Returns what was done."""
    url, moment = settings.resolved_database_url, now or utc_now()
    found = [_in_project(settings, storage, project_id, name, moment) for project_id, name in _projects(url, only)]
    _rewrite(url)
    return found


def plan(url: str, now: datetime | None = None, only: str = "") -> Sequence[Done]:
    """Return what `run` would do; nothing is changed."""
    moment, found = now or utc_now(), []
    for project_id, name in _projects(url, only):
        with read_session(url) as session:
            rule = retention.get(session, project_id)
            if rule is None:
                continue
            n = session.scalar(select(func.count()).select_from(_due(session, rule, moment).subquery())) or 0
            waits = bool(n) and not _is_idle(session, project_id)
            n_noticed = retention.n_unnoticed(session, rule, moment)
            found.append(Done(project_id, name, n_noticed, 0 if waits else n, waits))
    return found


def waits(session: Session, rule: RetentionRule, now: datetime | None = None) -> bool:
    """Say whether something is due that waits for a job to end."""
    due = session.scalar(_due(session, rule, now or utc_now()).limit(1)) is not None
    return due and not _is_idle(session, rule.project_id)


def _projects(url: str, only: str) -> Sequence[tuple[str, str]]:
    with read_session(url) as session:
        ruled = select(Project.id, Project.name).join(RetentionRule).where(Project.deleted_at.is_(None))
        ruled = ruled.where(Project.id == only) if only else ruled
        return [(row[0], row[1]) for row in session.execute(ruled.order_by(Project.created_at, Project.id))]


def _in_project(settings: Settings, storage: Storage, project_id: str, name: str, now: datetime) -> Done:
    n_noticed = n_erased = 0
    try:
        with write_session_of_many(settings.resolved_database_url) as session:
            projects.hold(session, project_id)
            rule = session.get(RetentionRule, project_id)
            n_noticed = 0 if rule is None else retention.notify(session, rule, now)
        while n := _erase_some(settings, storage, project_id, now):
            n_erased += n
    except ConflictError:
        log.info("Retention waits in project %s: a job may work on its ECGs", project_id)
        return Done(project_id, name, n_noticed, n_erased, waits=True)
    except NotFoundError:
        log.info("Project %s is being deleted; retention has nothing to do there", project_id)
    return Done(project_id, name, n_noticed, n_erased, waits=False)


def _erase_some(settings: Settings, storage: Storage, project_id: str, now: datetime) -> int:
    """Erase some of what is due; return how many recordings. Raises ConflictError while a job goes on."""
    url = settings.resolved_database_url
    with write_session_of_many(url) as session:
        projects.hold(session, project_id)
        rule = session.get(RetentionRule, project_id)
        if rule is None:  # removed in the days of grace, or this very moment
            return 0
        ids = session.scalars(_due(session, rule, now).order_by(Recording.created_at).limit(AT_ONCE)).all()
        if not ids:
            return 0
        keys = erasure.erase_recordings(session, project_id, ids)
        rule = session.get_one(RetentionRule, project_id)
        rule.n_erased, rule.last_erased_at = rule.n_erased + len(ids), now
        session.merge(Housekeeping(name=OWED, begun_at=now))
        if settings.keeps_audit:
            told = audit.of_recordings(ids) | {"days": rule.days}
            secret = settings.resolved_secret_key
            audit.append(session, secret, BY_ITSELF, ACTION, project_id=project_id, subject=told, status=200)
    blobs.forget(engine_for(url), storage, keys)
    log.warning("Retention erased %d recordings of project %s", len(ids), project_id)
    return len(ids)


def _due(session: Session, rule: RetentionRule, now: datetime) -> Select[str]:
    due = select(Recording.id).join(RetentionNotice, RetentionNotice.recording_id == Recording.id)
    mine = Recording.project_id == rule.project_id
    return due.where(mine, retention.is_due(rule.days, now), ~is_held(session, rule.project_id))


def _is_idle(session: Session, project_id: str) -> bool:
    try:
        erasure.check_idle(session, project_id)
    except ConflictError:
        return False
    return True


def _rewrite(url: str) -> None:
    """Have the database keep no old copies of what was erased; what fails is owed, and is done with the next pass."""
    with read_session(url) as session:
        owed = session.get(Housekeeping, OWED)
    if owed is None:
        return
    try:
        rewrite(url)
    except UnavailableError as error:
        log.warning("%s", error)
        return
    # In one statement: where another worker has erased meanwhile, or has settled it, the row is another one or none.
    paid = delete(Housekeeping).where(Housekeeping.name == OWED, Housekeeping.begun_at == owed.begun_at)
    with write_session_of_many(url) as session:
        session.execute(paid.execution_options(synchronize_session=False))
