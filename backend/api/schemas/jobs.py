"""Wire shapes of jobs."""

from datetime import datetime
from typing import Any

from backend.api.schemas.base import JobStatus, Schema


class Job(Schema):
    """A long task and where it stands."""

    id: str
    project_id: str
    kind: str
    status: JobStatus
    progress: float
    message: str
    error: str | None
    attempt: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None


class JobEvent(Schema):
    """One thing a job said. Kinds: status, log, progress, learning_rate, epoch, note, result."""

    number: int
    kind: str
    payload: dict[str, Any]
    created_at: datetime
