"""Wire shapes of predictions."""

from datetime import datetime
from typing import Any

from pydantic import Field

from backend.api.schemas.base import Schema, Task
from backend.api.schemas.jobs import Job


class LabelProbability(Schema):
    """What the model gives one label: a probability, or the value of a regression."""

    label: str
    name: str
    probability: float | None = None
    value: float | None = None
    threshold: float | None = None
    predicted: bool


class PredictIn(Schema):
    """Predict one stored recording at once."""

    recording_id: str


class RecordingPrediction(Schema):
    """The answer for one recording."""

    model_id: str
    recording_id: str | None
    file_name: str
    task: Task
    predicted: list[str]
    labels: list[LabelProbability]
    notes: list[str] = []


class PredictionIn(Schema):
    """Predict a dataset, or all recordings of the project, as a job."""

    model_id: str
    dataset_id: str | None = None


class Prediction(Schema):
    """A prediction of many recordings."""

    id: str
    model_id: str
    model_name: str
    dataset_id: str | None
    created_at: datetime
    job: Job
    n_results: int
    n_errors: int
    counts: dict[str, int]
    evaluation: dict[str, Any] | None


class PredictionRow(Schema):
    """The prediction of one recording of many."""

    recording_id: str
    file_name: str
    predicted: list[str]
    probabilities: list[float] = Field(description="For each label of the model; of a regression the values.")
    error: str | None


class FilePrediction(Schema):
    """The answer for one recording of a file that was sent along, or why there is none."""

    file_name: str
    prediction: RecordingPrediction | None = None
    error: str | None = None
