"""The tables of long tasks, and of the processes that do them.

A task belongs to a project, or to an exchange (never to both): what is done in the folder of an exchange is nobody's
project.
"""

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Json, Table, maybe_owner, row_id, utc_now


class Job(Table):
    """A long task. The row is the truth: whatever the queue forgets is found here again."""

    __tablename__ = "jobs"
    id: Mapped[str] = row_id()
    project_id: Mapped[str | None] = maybe_owner("projects.id")
    exchange_id: Mapped[str | None] = maybe_owner("exchanges.id")
    kind: Mapped[str] = mapped_column(String(40))  # name of the task, such as runs.train
    status: Mapped[str] = mapped_column(String(20), default="queued", index=True)
    progress: Mapped[float] = mapped_column(Float, default=0.0)  # 0 to 1
    message: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str | None] = mapped_column(Text)
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    deaths: Mapped[int] = mapped_column(Integer, default=0)  # workers that died at it; a worker that was ended did not
    worker: Mapped[str | None] = mapped_column(Text)
    cancel_requested_at: Mapped[datetime | None] = mapped_column()
    stop_requested_at: Mapped[datetime | None] = mapped_column()  # of a training: stop, and keep the model so far
    enqueued_at: Mapped[datetime] = mapped_column(default=utc_now)
    heartbeat_at: Mapped[datetime | None] = mapped_column()
    started_at: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    payload: Mapped[Json] = mapped_column(default=dict)


class JobEvent(Table):
    """What a job said, append-only, numbered from 1 within the job."""

    __tablename__ = "job_events"
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[Json] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Worker(Table):
    """A living worker process; its row is refreshed every few seconds."""

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    queues: Mapped[list[str]] = mapped_column(default=list)
    heartbeat_at: Mapped[datetime] = mapped_column(default=utc_now)
