"""Retention: a project may say that recordings are erased so many days after their import, and is told before.

Days are whole days, UTC. A recording imported on day D is older than N days from the day D + N + 1 on, whatever the
hour: never a moment early. It gets a notice some days before, and is erased on the day that the notice names; what got
none is not erased. Whoever changes the rule, or ends a hold, begins with new notices. `retention_pass` erases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Session

from backend.db.session import insert_rows
from backend.db.tables import Recording, RetentionNotice, RetentionRule, utc_now
from backend.errors import InvalidInputError, NotFoundError
from backend.services import projects
from backend.services.person import Person
from backend.services.retention_holds import is_held

GRACE_DAYS: Final = 7
"""Whole days between the day of a notice and that of the erasing."""
LONGEST_DAYS: Final = 36_500
SHORTEST_REASON: Final = 3
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Coming:
    """How many recordings are erased on a day."""

    erase_on: date
    n_recordings: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a rule is going to do."""

    coming: Sequence[Coming]
    """What has been noticed, day by day."""
    then_on: date | None
    """The first day on which something is erased that has not been noticed yet; None: there is nothing more."""
    n_held: int
    """Recordings that are kept by a hold."""


def midnight(day: date) -> datetime:
    """Return the beginning of a day, UTC."""
    return datetime.combine(day, time(), UTC)


def day_of(moment: datetime) -> date:
    """Return the day of a moment, UTC."""
    return moment.astimezone(UTC).date()


def due_on(imported_at: datetime, days: int) -> date:
    """Return the first day on which a recording is older than `days` days."""
    return day_of(imported_at) + timedelta(days=days + 1)


def erase_on(imported_at: datetime, days: int, noticed_at: datetime) -> date:
    """Return the day on which a recording is erased that gets its notice at a moment."""
    return max(due_on(imported_at, days), day_of(noticed_at) + timedelta(days=GRACE_DAYS + 1))


def get(session: Session, project_id: str) -> RetentionRule | None:
    """Return the rule of a project, None where nothing is erased by itself."""
    return session.get(RetentionRule, project_id)


def put(
    session: Session, project_id: str, days: int, reason: str, person: Person, now: datetime | None = None
) -> RetentionRule:
    """Set the rule of a project; all days of grace begin anew. Raises InvalidInputError."""
    moment = now or utc_now()
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInputError(f"Recordings are kept for 1 to {LONGEST_DAYS} days after their import.")
    if len(reason.strip()) < SHORTEST_REASON:
        raise InvalidInputError("Say why, in a few words: a law, a contract, the vote of an ethics committee.")
    projects.hold(session, project_id)
    row = session.get(RetentionRule, project_id) or RetentionRule(project_id=project_id)
    row.days, row.reason, row.set_by, row.set_at = days, reason.strip(), person.name, moment
    row.n_erased, row.last_erased_at = 0, None
    session.add(row)
    session.flush()
    withdraw(session, project_id)
    notify(session, row, moment)
    return row


def remove(session: Session, project_id: str) -> None:
    """Erase nothing by itself any more, nor what has been noticed. Raises NotFoundError."""
    row = get(session, project_id)
    if row is None:
        raise NotFoundError(
            "This project has no rule of retention: its recordings are kept until somebody deletes them."
        )
    projects.hold(session, project_id)
    withdraw(session, project_id)
    session.delete(row)
    session.flush()


def withdraw(session: Session, project_id: str) -> None:
    """Take back all notices of a project."""
    session.execute(delete(RetentionNotice).where(RetentionNotice.project_id == project_id))


def notify(session: Session, rule: RetentionRule, now: datetime) -> int:
    """Give notices to what is going to be due, take back those that stand no more; return how many were given."""
    held = select(RetentionNotice.recording_id).join(Recording, Recording.id == RetentionNotice.recording_id)
    stale = held.where(RetentionNotice.project_id == rule.project_id, is_held(session, rule.project_id))
    session.execute(delete(RetentionNotice).where(RetentionNotice.recording_id.in_(stale)))
    n = 0
    while rows := session.execute(_unnoticed(session, rule, now).limit(AT_ONCE)).all():
        given = [
            {
                "recording_id": row.id, "project_id": rule.project_id, "noticed_at": now,
                "erase_at": midnight(erase_on(row.created_at, rule.days, now)),
            }
            for row in rows
        ]  # fmt: skip
        insert_rows(session, RetentionNotice, given)
        n += len(given)
    return n


def look_again(session: Session, project_id: str, now: datetime | None = None) -> None:
    """Give notices and take them back after a hold was placed or ended."""
    rule = get(session, project_id)
    if rule is not None:
        notify(session, rule, now or utc_now())


def n_unnoticed(session: Session, rule: RetentionRule, now: datetime) -> int:
    """Return how many recordings would get a notice now."""
    return session.scalar(select(func.count()).select_from(_unnoticed(session, rule, now).subquery())) or 0


def is_due(rule_days: int, now: datetime) -> ColumnElement[bool]:
    """Return whether a recording may be erased now: it is old enough, and its notice is too."""
    today = day_of(now)
    return (
        (Recording.created_at < midnight(today - timedelta(days=rule_days)))
        & (RetentionNotice.noticed_at < midnight(today - timedelta(days=GRACE_DAYS)))
        & (RetentionNotice.erase_at <= midnight(today))
    )


def outlook(session: Session, rule: RetentionRule) -> Outlook:
    """Say what is going to be erased and when."""
    mine = RetentionNotice.project_id == rule.project_id
    days = select(RetentionNotice.erase_at, func.count()).where(mine).group_by(RetentionNotice.erase_at)
    coming = [Coming(day_of(row[0]), row[1]) for row in session.execute(days.order_by(RetentionNotice.erase_at))]
    oldest = session.scalar(_candidates(session, rule.project_id).with_only_columns(func.min(Recording.created_at)))
    return Outlook(coming, None if oldest is None else due_on(oldest, rule.days), n_held(session, rule.project_id))


def preview(session: Session, project_id: str, days: int, now: datetime | None = None) -> Outlook:
    """Say what a rule would do if it were set now; nothing is changed."""
    moment = now or utc_now()
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInputError(f"Recordings are kept for 1 to {LONGEST_DAYS} days after their import.")
    rule = RetentionRule(project_id=project_id, days=days)
    found: dict[date, int] = {}
    then: date | None = None
    of_project = _kept(session, project_id)
    for row in session.execute(of_project.with_only_columns(Recording.created_at)):
        due = due_on(row[0], days)
        if row[0] < _noticed_before(rule, moment):
            day = erase_on(row[0], days, moment)
            found[day] = found.get(day, 0) + 1
        else:
            then = due if then is None else min(then, due)
    return Outlook([Coming(day, found[day]) for day in sorted(found)], then, n_held(session, project_id))


def n_held(session: Session, project_id: str) -> int:
    """Return how many recordings of a project are kept by a hold."""
    of_project = select(func.count()).select_from(Recording).where(Recording.project_id == project_id)
    return session.scalar(of_project.where(is_held(session, project_id))) or 0


def notices(
    session: Session, project_id: str, start: int, size: int
) -> tuple[Sequence[tuple[RetentionNotice, Recording]], int]:
    """Return some of what is going to be erased, the next day first, and how many recordings that are in all."""
    mine = RetentionNotice.project_id == project_id
    total = session.scalar(select(func.count()).select_from(RetentionNotice).where(mine)) or 0
    both = select(RetentionNotice, Recording).join(Recording, Recording.id == RetentionNotice.recording_id).where(mine)
    order = (RetentionNotice.erase_at, Recording.created_at, Recording.id)
    rows = session.execute(both.order_by(*order).limit(size).offset(start)).all()
    return [(row[0], row[1]) for row in rows], total


def _noticed_before(rule: RetentionRule, now: datetime) -> datetime:
    """Return before when a recording was imported that gets its notice now."""
    return midnight(day_of(now) - timedelta(days=rule.days - GRACE_DAYS - 1))


def _kept(session: Session, project_id: str) -> Select[Recording]:
    return select(Recording).where(Recording.project_id == project_id, ~is_held(session, project_id))


def _candidates(session: Session, project_id: str) -> Select[Recording]:
    """Return what has no notice, and is not held."""
    has_none = Recording.id.not_in(select(RetentionNotice.recording_id).where(RetentionNotice.project_id == project_id))
    return _kept(session, project_id).where(has_none)


def _unnoticed(session: Session, rule: RetentionRule, now: datetime) -> Select[str, datetime]:
    due = Recording.created_at < _noticed_before(rule, now)
    return _candidates(session, rule.project_id).where(due).with_only_columns(Recording.id, Recording.created_at)
