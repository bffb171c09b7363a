"""Wire shapes of predictions."""

from datetime import datetime

from pydantic import Field

from backend.api.schemas.base import Schema, Sentence
from backend.api.schemas.cautions import Caution, SeenStatus
from backend.api.schemas.jobs import Job
from backend.api.schemas.models import Results
from backend.ml.evaluation.routes import RouterReport
from backend.ml.spec import Task


class LabelProbability(Schema):
    """What the model gives one label: a probability, or the value of a regression."""

    label: str
    name: str
    probability: float | None = None
    value: float | None = None
    threshold: float | None = None
    predicted: bool
    probability_low: float | None = Field(None, description="95 % interval, by the error of the model's calibration.")
    probability_high: float | None = None
    abstains: bool = Field(False, description="The model leaves this label open: too many such answers are wrong.")


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
    notes: list[Sentence] = []
    known: list[str] | None = Field(None, description="Labels that a table gives the recording; none: no table does.")
    seen: SeenStatus = Field("not known", description="Whether the model, or one it was made from, has seen it.")
    seen_text: Sentence = Field("", description="By what that is known, and in which model.")
    abstains: bool = Field(False, description="The model leaves one label or more open.")


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
    evaluation: Results | None = Field(description="Against the labels of the dataset, where it knows them.")
    seen: dict[str, int] | None = Field(
        None, description="Recordings by whether the model has seen them; none: not counted, as of the first version."
    )
    cautions: list[Caution] = Field([], description="What is to be said beside the results.")
    routes: RouterReport | None = Field(None, description="By predicted label, of a model of several experts.")


class PredictionRow(Schema):
    """The prediction of one recording of many."""

    recording_id: str
    file_name: str
    predicted: list[str]
    probabilities: list[float] = Field(description="For each label of the model; of a regression the values.")
    error: Sentence | None
    known: list[str] | None = Field(None, description="Labels that a table gives the recording; none: no table does.")
    seen: SeenStatus = Field("not known", description="Whether the model, or one it was made from, has seen it.")
    seen_text: Sentence = Field("", description="By what that is known, and in which model.")
    undecided: list[str] = Field([], description="Labels that the model leaves open.")


class FilePrediction(Schema):
    """The answer for one recording of a file that was sent along, or why there is none."""

    file_name: str
    prediction: RecordingPrediction | None = None
    error: Sentence | None = None
