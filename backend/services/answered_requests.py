"""Requests with an idempotency key: sent twice, they are done once and answered twice the same.

After draft-ietf-httpapi-idempotency-key-header: the key names one request of a project for a day; another request under
it is refused, and so is the same one while the first is still worked at.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from backend.db.session import write_session
from backend.db.tables import AnsweredRequest, utc_now
from backend.errors import ConflictError, InvalidInputError

KEPT = timedelta(days=1)
GIVEN_UP = timedelta(minutes=10)
"""Whoever worked so long at a request without an answer has died at it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered."""

    status: int
    media_type: str
    body: bytes
    location: str = ""


def begin(url: str, project_id: str, key: str, digest: str) -> Answered | None:
    """Note that a request is worked at, and return None; or return what was answered to it before.

    `digest` is that of all that was asked. Raises InvalidInputError where the key stands for another request,
    ConflictError where the same one is being worked at.
    """
    try:
        with write_session(url) as session:
            session.execute(delete(AnsweredRequest).where(AnsweredRequest.created_at < utc_now() - KEPT))
            row = session.get(AnsweredRequest, (project_id, key), with_for_update=True)
            if row is None:
                session.add(AnsweredRequest(project_id=project_id, key=key, digest=digest))
                return None
            if row.digest != digest:
                raise InvalidInputError(
                    "This Idempotency-Key stands for another request, of the last day. Use a new key for a new request."
                )
            if row.status is not None:
                return Answered(row.status, row.media_type, row.body, row.location)
            if row.created_at > utc_now() - GIVEN_UP:
                raise _at_work()
            row.created_at = utc_now()
            return None
    except IntegrityError:  # of two at the same moment, on Postgres
        raise _at_work() from None


def finish(url: str, project_id: str, key: str, answered: Answered) -> None:
    """Keep what a request was answered."""
    with write_session(url) as session:
        row = session.get(AnsweredRequest, (project_id, key))
        if row is not None:  # else the project was deleted
            row.status, row.media_type, row.body = answered.status, answered.media_type, answered.body
            row.location = answered.location


def forget(url: str, project_id: str, key: str) -> None:
    """Forget a request that has failed: the same may be tried again."""
    with write_session(url) as session:
        named = AnsweredRequest.project_id == project_id, AnsweredRequest.key == key
        session.execute(delete(AnsweredRequest).where(*named, AnsweredRequest.status.is_(None)))


def _at_work() -> ConflictError:
    return ConflictError("The request with this Idempotency-Key is being worked at. Ask again a little later.")
