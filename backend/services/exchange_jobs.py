"""Long work in an exchange that is no transfer: all of it verified, its index made anew, a version withdrawn.

Such a job belongs to the exchange and to no project; what it does is in `workers.exchange_jobs`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.tables import Exchange, Job
from backend.errors import ConflictError, InvalidInputError
from backend.services import exchange_listing, exchange_push, exchanges, jobs

Kind = Literal["verify", "index", "withdraw"]
KINDS: Final = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be done. `item` is the place of a model, such as afib-detector/2, which is withdrawn for the `reason`
    that others read, or verified; where none is named, all that is listed and not withdrawn is verified.
    """

    kind: Kind
    item: str = ""
    reason: str = ""


def create(session: Session, exchange: Exchange, request: Request) -> Job:
    """Queue it. Raises ConflictError for an exchange that is only read, or where the same is being done already,
    NotFoundError for what is not listed, InvalidInputError for what is no version, or a withdrawal without a reason.
    """
    if request.kind not in KINDS:
        raise InvalidInputError(f"There is no {request.kind!r}: {', '.join(KINDS)}.")
    item, reason = request.item.strip(), request.reason.strip()
    if request.kind != "verify":
        exchanges.check_writable(exchange)
    if request.kind == "withdraw":
        exchange_push.check_withdrawal(item, reason)
    elif request.kind == "verify" and item:
        item = exchange_listing.find(session, exchange, item).place
    payload = {"exchange_id": exchange.id, "item": item, "reason": reason}
    kind = f"exchanges.{request.kind}"
    of_kind = select(Job).where(Job.exchange_id == exchange.id, Job.kind == kind, Job.status.not_in(jobs.FINISHED))
    if any(job.payload == payload for job in session.scalars(of_kind)):
        raise ConflictError("That is being done already. Wait for it, or cancel it first.")
    return jobs.add(session, Job(exchange_id=exchange.id, kind=kind, payload=payload))


def page(session: Session, exchange_id: str, number: int, size: int) -> tuple[Sequence[Job], int]:
    """Return one page of the jobs of an exchange, the newest first, and how many there are."""
    query = select(Job).where(Job.exchange_id == exchange_id)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    newest = query.order_by(Job.created_at.desc(), Job.id).limit(size).offset((number - 1) * size)
    return session.scalars(newest).all(), total
