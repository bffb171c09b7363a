"""The tables of the Model ExChanGe: where models are shared, whose signatures are trusted, what went to and fro.

An exchange and its keys belong to the installation; a transfer belongs to the project it is made for.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.base import Json, Table, owner, row_id, utc_now

if TYPE_CHECKING:
    from backend.db.tables import Job, Model


class Exchange(Table):
    """A WebDAV folder in which models are shared. Its password is kept sealed (`backend.sealing`), never in clear."""

    __tablename__ = "exchanges"
    id: Mapped[str] = row_id()
    name: Mapped[str] = mapped_column(String(200), unique=True)
    url: Mapped[str] = mapped_column(Text)
    username: Mapped[str] = mapped_column(String(200), default="")
    sealed_secret: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    has_secret: Mapped[bool] = mapped_column(Boolean, default=False)
    access: Mapped[str] = mapped_column(String(20), default="read")  # read | read_write
    certificate: Mapped[str] = mapped_column(Text, default="")  # PEM of an authority of its own; "": the system's
    plain_http: Mapped[bool] = mapped_column(Boolean, default=False)  # the password may travel readable
    listing: Mapped[list[Any]] = mapped_column(default=list, deferred=True)  # as it was read last
    listed_at: Mapped[datetime | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class PublisherKey(Table):
    """A key with which a publisher signs in an exchange: trusted or refused by a person when it was first met."""

    __tablename__ = "publisher_keys"
    id: Mapped[str] = row_id()
    exchange_id: Mapped[str] = owner("exchanges.id")
    publisher: Mapped[str] = mapped_column(String(200), default="")
    fingerprint: Mapped[str] = mapped_column(String(200))
    public_key: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(20))  # trusted | refused
    first_seen: Mapped[datetime] = mapped_column(default=utc_now)

    __table_args__ = (UniqueConstraint("exchange_id", "fingerprint"),)


class Transfer(Table):
    """A model on its way from an exchange into a project (pull), or from a project into an exchange (push)."""

    __tablename__ = "transfers"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    exchange_id: Mapped[str | None] = mapped_column(ForeignKey("exchanges.id", ondelete="SET NULL"), index=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    model_id: Mapped[str | None] = mapped_column(ForeignKey("models.id", ondelete="SET NULL"), index=True)
    direction: Mapped[str] = mapped_column(String(10))  # pull | push
    exchange_name: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))  # of the model
    item: Mapped[str] = mapped_column(Text, default="")  # where it lies in the exchange
    settings: Mapped[Json] = mapped_column(default=dict)  # what was asked for
    quarantined: Mapped[str | None] = mapped_column(Text)  # why it was not taken in; None: it was not refused
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    job: Mapped["Job"] = relationship(lazy="joined")
    model: Mapped["Model | None"] = relationship(lazy="joined")
