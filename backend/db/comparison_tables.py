"""The tables of comparisons: which trainings stand side by side, on the same recordings and in the same folds."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.base import Json, Table, owner, row_id, utc_now

if TYPE_CHECKING:
    from backend.db.tables import Run


class Comparison(Table):
    """A question: which of some candidates suits this dataset?"""

    __tablename__ = "comparisons"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    dataset_id: Mapped[str | None] = mapped_column(ForeignKey("datasets.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    settings: Mapped[Json] = mapped_column(default=dict)  # dataset's name, labels, how it is divided
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    candidates: Mapped[list["ComparedRun"]] = relationship(
        order_by="ComparedRun.place", cascade="all, delete-orphan", passive_deletes=True, lazy="selectin"
    )


class ComparedRun(Table):
    """One candidate: what is trained, and the run in which it is; None where that was deleted."""

    __tablename__ = "compared_runs"
    comparison_id: Mapped[str] = mapped_column(ForeignKey("comparisons.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(200))
    asked: Mapped[Json] = mapped_column(default=dict)  # architecture or base_model_id, training
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"), index=True)
    run: Mapped["Run | None"] = relationship(lazy="joined")
