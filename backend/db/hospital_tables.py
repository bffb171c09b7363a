"""The tables of the doors for hospital systems: where results are sent, and which requests were answered already."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Table, utc_now


class Webhook(Table):
    """Where the results of a project are sent, signed. The secret is kept sealed (`backend.sealing`)."""

    __tablename__ = "webhooks"
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(String(10), default="json")  # json | fhir
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class AnsweredRequest(Table):
    """A request that came with an idempotency key: while it is worked at without an answer, then with it."""

    __tablename__ = "answered_requests"
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))  # sha256 of all that was asked
    status: Mapped[int | None] = mapped_column(Integer)  # None: it is being worked at
    media_type: Mapped[str] = mapped_column(String(80), default="")
    location: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[bytes] = mapped_column(LargeBinary, default=b"", deferred=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
