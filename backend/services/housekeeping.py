"""What is done now and then by whichever worker is first: retention, and forgetting what nobody asks for any more."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.db.session import write_session
from backend.db.tables import (
    AnsweredRequest,
    Housekeeping,
    Job,
    LoginFailure,
    LoginSession,
    OneTimeLink,
    RetentionRule,
    utc_now,
)
from backend.services import answered_requests, jobs, logins
from backend.settings import Settings
from backend.storage import Storage

EVERY: Final = timedelta(minutes=10)
OWED: Final = "rewriting the database"
"""A row of this name says that the database holds old copies of what retention has erased."""
DELIVERED_KEPT: Final = timedelta(days=90)
"""So long it can be looked up what became of a delivery to a webhook."""


def run(settings: Settings, storage: Storage, now: datetime | None = None) -> bool:
    """Do what is due, where no worker has begun with it lately; say whether this one did."""
    moment = now or utc_now()
    url = settings.resolved_database_url
    if not begun(url, "all", EVERY, moment):
        return False
    with write_session(url) as session:
        forget_old(session, settings, moment)
        ruled = session.scalar(select(RetentionRule.project_id).limit(1)) is not None
        owed = session.get(Housekeeping, OWED) is not None
    if ruled or owed:
        from backend.services import retention_pass  # a worker that has nothing to erase stays small

        retention_pass.run(settings, storage, moment)
    return True


def begun(url: str, name: str, every: timedelta, now: datetime) -> bool:
    """Begin with something where nobody has within `every`; False where somebody has.

    A time in the future is of a clock that has been put right since, and holds nobody up.
    """
    try:
        with write_session(url) as session:
            if session.get(Housekeeping, name) is None:
                session.add(Housekeeping(name=name, begun_at=now))
                return True
            long_ago = or_(Housekeeping.begun_at <= now - every, Housekeeping.begun_at > now + every)
            mine = update(Housekeeping).where(Housekeeping.name == name, long_ago).values(begun_at=now)
            done = session.execute(mine.execution_options(synchronize_session=False))
            return bool(done.rowcount)  # type: ignore[attr-defined]  # what SQLAlchemy says of an UPDATE
    except IntegrityError:  # of two at the same moment, on Postgres
        return False


def forget_old(session: Session, settings: Settings, now: datetime) -> int:
    """Delete what has ended and is of no use to anybody; return how many rows.

    Sessions, links that were not used, counters of wrong passwords, kept answers of requests (which may hold findings),
    jobs that delivered to webhooks. Jobs of trainings and the like stay, with what they said: they are how a model came
    about. API keys that have expired stay in sight of their person.
    """
    idle = LoginSession.last_used_at < now - timedelta(hours=settings.session_hours)
    ended = Job.finished_at < now - DELIVERED_KEPT
    gone = (
        delete(LoginSession).where(or_(LoginSession.created_at < now - logins.LONGEST, idle)),
        delete(OneTimeLink).where(OneTimeLink.expires_at < now),
        delete(LoginFailure).where(LoginFailure.last_at < now - logins.FORGOTTEN, LoginFailure.blocked_until < now),
        delete(AnsweredRequest).where(AnsweredRequest.created_at < now - answered_requests.KEPT),
        delete(Job).where(Job.kind == "webhooks.deliver", Job.status.in_(jobs.FINISHED), ended),
    )
    n = 0
    for statement in gone:
        done = session.execute(statement.execution_options(synchronize_session=False))
        n += int(done.rowcount)  # type: ignore[attr-defined]  # what SQLAlchemy says of a DELETE
    return n
