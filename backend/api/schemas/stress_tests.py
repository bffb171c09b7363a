"""Wire shapes of stress tests."""

from datetime import datetime

from pydantic import Field

from backend.api.schemas.base import Schema
from backend.api.schemas.jobs import Job
from backend.ml.evaluation.stress import StressResult


class StressTest(Schema):
    """A model on the ECGs of an evaluation, made worse in steps."""

    id: str
    evaluation_id: str
    created_at: datetime
    job: Job
    result: StressResult | None = Field(description="Null until the job is done.")
