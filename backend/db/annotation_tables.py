"""The tables of labelling in place: label sets, what readers say of recordings, and who has seen what others say.

A reading is never changed: who says something else adds one, and `current` marks the last of each reader. So nothing
that was acknowledged is lost, and no reader writes over another (decision 0052).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Table, owner, row_id, utc_now


class LabelSet(Table):
    """Labels by which the recordings of a project are read on the page, and by what rules."""

    __tablename__ = "label_sets"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    name: Mapped[str] = mapped_column(String(200))
    task: Mapped[str] = mapped_column(String(20))  # single_label | multi_label
    labels: Mapped[list[Any]] = mapped_column(default=list)  # as backend.services.annotations.Label
    region_classes: Mapped[list[str]] = mapped_column(default=list)
    blind: Mapped[bool] = mapped_column(Boolean, default=False)  # no reader sees a machine's or another's label
    n_readers: Mapped[int] = mapped_column(Integer, default=1)  # how many are to read each recording
    n_versions: Mapped[int] = mapped_column(Integer, default=0)  # datasets made of it so far
    created_by: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Reading(Table):
    """What one reader said of one recording at one time: labels, a note and regions of the tracing."""

    __tablename__ = "readings"
    id: Mapped[str] = row_id()  # chosen by who sends it, so that it can be sent again
    label_set_id: Mapped[str] = owner("label_sets.id")
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    reader: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))  # reader | adjudicator
    number: Mapped[int] = mapped_column(Integer)  # from 1, of this reader (of all adjudicators) and recording
    labels: Mapped[list[str]] = mapped_column(default=list)  # in alphabetical order: equal lists say the same
    done: Mapped[bool] = mapped_column(Boolean)  # the reader has finished; a reading taken back is not done
    note: Mapped[str] = mapped_column(Text, default="")
    regions: Mapped[list[Any]] = mapped_column(default=list)  # [{label, from_ms, to_ms, leads}]
    sighted: Mapped[bool] = mapped_column(Boolean, default=False)  # made after what others say was revealed
    current: Mapped[bool] = mapped_column(Boolean, default=True)  # the last of this reader, or of all adjudicators
    made_at: Mapped[datetime | None] = mapped_column()  # by the reader's clock, where it was sent later
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    __table_args__ = (
        UniqueConstraint("label_set_id", "recording_id", "role", "reader", "number"),
        Index("ix_readings_current", "label_set_id", "current", "recording_id"),
    )


class Reveal(Table):
    """A reader of a blind label set was shown what others say of a recording."""

    __tablename__ = "reveals"
    label_set_id: Mapped[str] = mapped_column(ForeignKey("label_sets.id", ondelete="CASCADE"), primary_key=True)
    recording_id: Mapped[str] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    reader: Mapped[str] = mapped_column(String(200), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
