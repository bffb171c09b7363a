"""The table of explanations: what a model looked at in one recording."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.base import Json, Table, owner, row_id, utc_now
from backend.db.job_tables import Job

if TYPE_CHECKING:
    from backend.db.tables import Model, Recording


class Explanation(Table):
    """One question to a model about one recording; `result` is None until its job is done."""

    __tablename__ = "explanations"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    model_id: Mapped[str] = owner("models.id")
    recording_id: Mapped[str] = owner("recordings.id")
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    label: Mapped[str | None] = mapped_column(String(500))  # asked for; None: the one that the model tells
    ways: Mapped[list[str]] = mapped_column(default=list)
    result: Mapped[Json | None] = mapped_column()  # backend.ml.explanations.explained, and the nearest ECGs
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    job: Mapped[Job] = relationship(lazy="joined")
    model: Mapped["Model"] = relationship(lazy="joined")
    recording: Mapped["Recording"] = relationship(lazy="joined")
