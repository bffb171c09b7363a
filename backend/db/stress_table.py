"""The table of stress tests: a model on the ECGs of an evaluation, made worse in steps."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.base import Json, Table, owner, row_id, utc_now

if TYPE_CHECKING:
    from backend.db.tables import Job


class StressTest(Table):
    """What was asked, and the curves that came of it."""

    __tablename__ = "stress_tests"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    evaluation_id: Mapped[str] = owner("evaluations.id")
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    result: Mapped[Json | None] = mapped_column()  # as backend.ml.evaluation.stress.StressResult
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    job: Mapped["Job"] = relationship(lazy="joined")
