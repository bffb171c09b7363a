"""The table of figures that are kept of large projects, so that nobody waits while a million rows are counted."""

from datetime import datetime

from sqlalchemy import Float, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Json, Table, utc_now


class KeptFigure(Table):
    """What was counted of a project at a time (`backend.services.kept_figures`)."""

    __tablename__ = "kept_figures"
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[Json] = mapped_column(default=dict)
    took_s: Mapped[float] = mapped_column(Float)  # s that it took to count
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
