"""Wire shapes of evaluations of a model on a dataset."""

from datetime import datetime

from pydantic import Field

from backend.api.schemas.base import Page, Schema, Sentence
from backend.api.schemas.cautions import Caution
from backend.api.schemas.jobs import Job
from backend.ml.evaluation.estimate import Estimate
from backend.ml.spec import Task
from backend.services.evaluation_results import EvaluationResult
from backend.services.evaluation_thresholds import ThresholdRule


class EvaluationSettings(Schema):
    """What a person chooses of an evaluation."""

    include_seen: bool = Field(False, description="Also recordings from which the model has learned; they flatter it.")
    threshold_rule: ThresholdRule = Field(
        "own",
        description="own: those of the model; half: 0.5 for each label; the others by a rule, kept in the model at "
        "training. All but half were chosen on its validation recordings, or out of fold.",
    )
    prevalence: dict[str, float] = Field(
        {}, description="Label -> share of the people it will be used on who have it, for predictive values."
    )
    label_map: dict[str, str] = Field(
        {}, description="Label of the model -> label of the table, where they are written differently; empty: none."
    )


class EvaluationIn(EvaluationSettings):
    """Evaluate a model of the project on a dataset of this or another project, as a job."""

    model_id: str
    dataset_id: str
    dataset_project_id: str | None = Field(None, description="Project of the dataset; default: that of the model.")


class LeftOutRows(Schema):
    """Rows of the dataset that are not evaluated, and why."""

    reason: str = Field(description="no_recording, missing_leads, no_known_label, seen or not_predicted.")
    why: Sentence
    n: int


class EvaluationHeadline(Schema):
    """The few numbers that say most."""

    n: int
    n_patients: int
    macro_auroc: Estimate | None = None
    macro_f1: Estimate | None = None
    macro_r2: Estimate | None = None


class ModelEvaluation(Schema):
    """An evaluation of a model on a dataset."""

    id: str
    model_id: str
    model_name: str
    task: Task
    labels: list[str] = Field(description="Of the model, in the order of its outputs.")
    thresholds: list[float] = Field(description="At which each label is told, by the chosen rule.")
    threshold_told: Sentence = Field("", description="In words by what these thresholds were chosen.")
    dataset_id: str | None
    dataset_name: str
    dataset_project_id: str | None
    dataset_project_name: str
    external: bool = Field(description="The model was not trained on this dataset and has seen none of its recordings.")
    created_at: datetime
    job: Job
    settings: EvaluationSettings
    n_seen: int = Field(description="Recordings of the dataset that the model has seen, left out or not.")
    n_not_known: int = Field(
        description="Recordings of which nobody has told whether the model, or one it was made from, has seen them."
    )
    not_known_told: Sentence = Field("", description="What the cards of such models say in words.")
    left_out: list[LeftOutRows]
    headline: EvaluationHeadline | None


class ModelEvaluationDetail(ModelEvaluation):
    """An evaluation with all that was measured."""

    result: EvaluationResult | None
    cautions: list[Caution] = Field([], description="What is to be said beside the figures.")


class EvaluatedRecording(Schema):
    """One recording of an evaluation: what the table says, and what the model."""

    recording_id: str
    project_id: str
    file_name: str
    sex: str | None
    age: float | None
    truth: list[float | None] = Field(description="0, 1 or a value for each label of the model; null: not known.")
    outputs: list[float]
    predicted: list[str]
    left_open: list[str] = Field([], description="Labels of which a model that may abstain does not decide.")
    seen: bool = Field(description="The model is known to have learned from it.")
    seen_not_known: bool = Field(False, description="Nobody has told whether the model has seen it.")


class EvaluatedRecordings(Page[EvaluatedRecording]):
    """One page of the recordings of a cell; `total` counts those that are still there."""

    deleted: int | None = Field(
        None, description="Recordings of the cell that have been deleted since; null where it is not known."
    )
