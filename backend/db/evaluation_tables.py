"""The tables of evaluations: a model on the labelled recordings of a dataset, of its own or another project."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.base import Json, Table, owner, row_id, utc_now

if TYPE_CHECKING:
    from backend.db.tables import Job, Model


class Evaluation(Table):
    """What was asked of a model on a dataset, and what came of it. It belongs to the project of the model."""

    __tablename__ = "evaluations"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    model_id: Mapped[str] = owner("models.id")
    dataset_id: Mapped[str | None] = mapped_column(ForeignKey("datasets.id", ondelete="SET NULL"), index=True)
    dataset_project_id: Mapped[str | None] = mapped_column(ForeignKey("projects.id", ondelete="SET NULL"), index=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    settings: Mapped[Json] = mapped_column(default=dict)  # as backend.services.evaluations.Settings
    facts: Mapped[Json] = mapped_column(default=dict)  # names of dataset and project, as they were; who was left out
    result: Mapped[Json | None] = mapped_column(
        deferred=True
    )  # as backend.services.evaluation_results.EvaluationResult
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    job: Mapped["Job"] = relationship(lazy="joined")
    model: Mapped["Model"] = relationship(lazy="joined")


class EvaluationRow(Table):
    """What the model says of one recording, and what the dataset knows of it."""

    __tablename__ = "evaluation_rows"
    evaluation_id: Mapped[str] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True)
    recording_id: Mapped[str] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    outputs: Mapped[list[Any]] = mapped_column(default=list)  # a number for each label of the model; none where `error`
    truth: Mapped[list[Any]] = mapped_column(default=list)  # 0, 1 or a value for each; None: the table does not say
    patient_id: Mapped[str | None] = mapped_column(Text)  # a pseudonym
    seen: Mapped[bool] = mapped_column(Boolean, default=False)  # the model has learned from it
    error: Mapped[str | None] = mapped_column(Text)
