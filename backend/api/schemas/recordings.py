"""Wire shapes of recordings."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from backend.api.schemas.base import Schema


class Finding(Schema):
    """Something about a recording that a person should look at."""

    code: str
    message: str


class Recording(Schema):
    """A stored 12-lead ECG."""

    id: str
    file_name: str
    name: str
    format: str
    rate: float = Field(description="Hz")
    n_samples: int
    duration_s: float
    unit: Literal["mV", "arbitrary"]
    derived_leads: list[str]
    patient_id: str | None
    age: float | None
    sex: Literal["F", "M"] | None
    device: str | None
    recorded_at: datetime | None
    declared: dict[str, Any]
    notes: list[str]
    findings: list[Finding]
    created_at: datetime
    labels: list[str] = Field(default=[], description="Labels in the newest dataset that has this recording.")
    previous_id: str | None = Field(None, description="Neighbour by file name; only when one recording is asked for.")
    next_id: str | None = None


class Outcome(Schema):
    """What became of one uploaded file (or set of files)."""

    file_name: str
    status: Literal["imported", "duplicate", "updated", "refused"]
    detail: str = Field(description="Why it was refused, or what to look at; may be empty.")
    recording_ids: list[str]
    findings: list[Finding] = []


class UploadReport(Schema):
    """The outcome of every file of one upload, in the order of upload."""

    outcomes: list[Outcome]
    imported: int
    duplicate: int
    updated: int
    refused: int
