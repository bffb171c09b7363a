"""The table of a cross-validation: what models that had not seen a recording said of it."""

from typing import Any

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Table


class OutOfFoldRow(Table):
    """The logits of one recording in one repeat of a run, by the model of the fold that tested it."""

    __tablename__ = "out_of_fold_rows"
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    repeat: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)  # from 0, as `fold`
    recording_id: Mapped[str] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    fold: Mapped[int] = mapped_column(Integer)
    logits: Mapped[list[Any]] = mapped_column(default=list)  # a number for each label of the run, as float32
