"""Wire shapes of drift checks."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from backend.api.schemas.base import Page, Schema, Sentence
from backend.api.schemas.jobs import Job
from backend.ml.evaluation.drift.check import DriftFinding, Verdict
from backend.ml.evaluation.drift.statistics import FlagShare, StatisticShift


class DriftCheckIn(Schema):
    """Hold a dataset against the ECGs that a model learned from."""

    model_id: str
    dataset_id: str


class NotChecked(Schema):
    """Recordings that are not part of a check, and why."""

    why: Sentence
    n: int


class DriftResult(Schema):
    """What a check found; all numbers count each patient by one ECG."""

    verdict: Verdict = Field(
        description="alike: no difference was found; too few: fewer than 20 patients, each ECG was judged by itself."
    )
    text: Sentence = Field(description="The verdict in words, and what follows.")
    findings: list[DriftFinding] = Field(description="Each piece of evidence; empty where none was found.")
    n: int = Field(description="ECGs that were measured.")
    n_patients: int
    n_training: int = Field(description="Patients of the training that they were held against.")
    discrepancy: float | None = Field(description="Squared maximum mean discrepancy of the embeddings.")
    p: float | None = Field(description="How often chance gives as large a discrepancy.")
    how: Literal["permutation", "covariance"] = Field(
        description="By what p was found: patients divided anew by lot, or the covariance that is kept with the model."
    )
    beyond: float | None = Field(description="FlagShare farther from the training than `expected` of its own ECGs are.")
    expected: float
    shifts: list[StatisticShift] = Field(description="Each signal statistic: medians, population stability index, p.")
    shares: list[FlagShare] = Field(description="How often something is wrong with a recording.")
    n_odd: int = Field(description="Recordings that stick out; the first 500 are listed.")


class DriftCheck(Schema):
    """A drift check; `result` is null until its job is done."""

    id: str
    model_id: str
    model_name: str
    dataset_id: str | None
    dataset_name: str
    created_at: datetime
    job: Job
    left_out: list[NotChecked]
    result: DriftResult | None


class OddRecording(Schema):
    """A recording that sticks out, and why."""

    recording_id: str
    file_name: str
    distance: float | None = Field(description="From the training, over that of one in twenty of its own ECGs.")
    reasons: list[Sentence]


class OddRecordings(Page[OddRecording]):
    """One page of the recordings that stick out, the oddest first."""
