"""The tables of retention: after which time a project's recordings are erased, and what is kept whatever that says."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Table, maybe_owner, owner, row_id, utc_now


class RetentionRule(Table):
    """The rule of a project: recordings are erased `days` after their import. Without a row nothing is."""

    __tablename__ = "retention_rules"
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    days: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(String(100))  # name of the person
    set_at: Mapped[datetime] = mapped_column(default=utc_now)
    n_erased: Mapped[int] = mapped_column(Integer, default=0)  # since the rule was set
    last_erased_at: Mapped[datetime | None] = mapped_column()


class RetentionHold(Table):
    """What is kept whatever the rule says: a recording, all of a patient, or the whole project (with neither)."""

    __tablename__ = "retention_holds"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    recording_id: Mapped[str | None] = maybe_owner("recordings.id")
    patient_id: Mapped[str | None] = mapped_column(Text)  # a pseudonym
    patient_alike: Mapped[str | None] = mapped_column(Text)  # that of all spellings of the identifier
    reason: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[str] = mapped_column(String(100))  # name of the person
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class RetentionNotice(Table):
    """That a recording is going to be erased, said some days before. What was not said is not erased."""

    __tablename__ = "retention_notices"
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[str] = owner("projects.id")
    noticed_at: Mapped[datetime] = mapped_column(default=utc_now)
    erase_at: Mapped[datetime] = mapped_column(index=True)  # the beginning of a day, UTC


class Housekeeping(Table):
    """When something was last begun that is done now and then, by whichever worker is first."""

    __tablename__ = "housekeeping"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(default=utc_now)
