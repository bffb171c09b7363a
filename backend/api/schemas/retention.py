"""Wire shapes of retention: the rule of a project, what it is going to erase, what is kept whatever it says."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from backend.api.schemas.base import Schema
from backend.services.retention import LONGEST_DAYS

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]
Days = Annotated[int, Field(ge=1, le=LONGEST_DAYS, description="Whole days (UTC) after the import.")]


class ComingErasure(Schema):
    """What is erased on a day."""

    erase_on: date = Field(description="From the beginning of this day on, UTC.")
    n_recordings: int


class RetentionOutlook(Schema):
    """What a rule is going to do."""

    coming: list[ComingErasure] = Field(description="What has its notice, the next day first.")
    then_on: date | None = Field(description="The first day on which something is erased that has no notice yet.")
    n_held: int = Field(description="Recordings that a hold keeps.")


class RetentionRule(Schema):
    """Recordings that are older than so many days are erased."""

    days: int
    reason: str
    set_by: str
    set_at: datetime
    n_erased: int = Field(description="Recordings erased since the rule was set.")
    last_erased_at: datetime | None


class RetentionRuleIn(Schema):
    """A rule to set. All notices are given anew, so that nothing is erased within the days of grace."""

    days: Days
    reason: Reason


class Retention(Schema):
    """How long a project keeps its recordings."""

    grace_days: int = Field(description="Whole days between a notice and the erasing.")
    rule: RetentionRule | None = Field(description="null: recordings are kept until somebody deletes them.")
    outlook: RetentionOutlook | None
    waits_for_jobs: bool = Field(description="Something is due, and waits for jobs that may work on these ECGs.")


class RetentionNotice(Schema):
    """A recording that is going to be erased."""

    recording_id: str
    file_name: str
    imported_at: datetime
    noticed_at: datetime
    erase_on: date


class RetentionHold(Schema):
    """What is kept whatever the rule says."""

    id: str
    kind: Literal["recording", "patient", "project"]
    recording_id: str | None
    patient: str | None = Field(description="A pseudonym.")
    reason: str
    placed_by: str
    created_at: datetime


class RetentionHoldIn(Schema):
    """A hold to place: on a recording, on a patient, or with neither on the whole project."""

    reason: Reason
    recording_id: str = Field("", max_length=64)
    patient: str = Field("", max_length=500, description="Identifier as it stands in files or tables, or a pseudonym.")
