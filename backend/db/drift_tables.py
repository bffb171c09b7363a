"""The tables of drift checks: are the ECGs of a dataset like those that a model learned from?"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Float, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.base import Json, Table, owner, row_id, utc_now

if TYPE_CHECKING:
    from backend.db.tables import Job, Model


class DriftCheck(Table):
    """A dataset held against the training of a model, and what came of it."""

    __tablename__ = "drift_checks"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    model_id: Mapped[str] = owner("models.id")
    dataset_id: Mapped[str | None] = mapped_column(ForeignKey("datasets.id", ondelete="SET NULL"), index=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    facts: Mapped[Json] = mapped_column(default=dict)  # names of model and dataset, as they were; who was left out
    result: Mapped[Json | None] = mapped_column()  # as backend.services.drift_checks.DriftResult
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    job: Mapped["Job"] = relationship(lazy="joined")
    model: Mapped["Model"] = relationship(lazy="joined")


class DriftCheckRow(Table):
    """A recording that sticks out, and why."""

    __tablename__ = "drift_check_rows"
    check_id: Mapped[str] = mapped_column(ForeignKey("drift_checks.id", ondelete="CASCADE"), primary_key=True)
    recording_id: Mapped[str] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    place: Mapped[int] = mapped_column(Integer)  # 0: the oddest
    distance: Mapped[float | None] = mapped_column(Float)  # over that of one in twenty of the training
    reasons: Mapped[list[Any]] = mapped_column(default=list)
