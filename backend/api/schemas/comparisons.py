"""Wire shapes of comparisons."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from backend.api.schemas.base import Schema, Sentence
from backend.api.schemas.jobs import Job
from backend.ml.data.folds import FEWEST_FOLDS, FOLDS, MOST_FOLDS, MOST_REPEATS
from backend.ml.evaluation.by_source import SourceScore
from backend.ml.evaluation.estimate import Estimate
from backend.services.candidates import FEWEST, MOST
from backend.services.sources import FoldsBy


class CandidateIn(Schema):
    """What is trained: a fresh network, or a model that is fine-tuned."""

    architecture: str | None = Field(None, description="A fresh network; none: the recommended one, or the base's own.")
    base_model_id: str | None = Field(None, description="Model to fine-tune, such as cardx.")
    architecture_config: dict[str, Any] = {}
    training: dict[str, Any] = Field({}, description="Changed settings, such as the method of a fine-tuning.")
    title: str = Field("", max_length=200, description="Empty: made of network, base and method.")


class ComparisonIn(Schema):
    """Compare candidates on a dataset by cross-validation in the same folds."""

    dataset_id: str
    name: str = Field("", max_length=200)
    labels: list[str] | None = Field(None, description="Labels to learn; none: all of the dataset.")
    candidates: list[CandidateIn] | None = Field(
        None,
        description=f"{FEWEST} to {MOST}; none: those usual ones, the quickest first, that fit into `minutes`.",
    )
    minutes: float = Field(5, gt=0, le=10_000, description="For the candidates that are chosen where none is named.")
    folds_by: FoldsBy = Field(
        "patient", description="patient: by lot. Else each fold is a source, tested by what learned from the others."
    )
    folds: int = Field(FOLDS, ge=FEWEST_FOLDS, le=MOST_FOLDS, description="Of folds by patient.")
    repeats: int = Field(1, ge=1, le=MOST_REPEATS)
    split_seed: int = Field(1, ge=0, lt=2**32, description="Draws the folds.")


class ExpectedCandidate(Schema):
    """A candidate before it is trained."""

    candidate: CandidateIn
    title: str
    seconds: float
    measured: bool = Field(description="From trainings on this machine.")
    included: bool
    why_not: Sentence = ""


class ComparisonEstimate(Schema):
    """What would be compared, and how long it would take."""

    seconds: float = Field(description="Of all that are included, one after the other.")
    candidates: list[ExpectedCandidate]


class ComparedCandidate(Schema):
    """A candidate of a comparison, and its training."""

    title: str
    asked: CandidateIn
    run_id: str | None = Field(description="None: it has been deleted.")
    model_id: str | None = Field(description="That has learned from all recordings; none before it is done.")
    architecture: str | None
    parameters: int | None
    job: Job | None
    seconds: float | None = Field(description="How long the training took; none before it is done.")
    score: float | None = Field(description="On the recordings that all candidates tested; none: not known.")


class CandidateDifference(Schema):
    """By how much the candidate at place `first` scores above that at place `second`."""

    first: int
    second: int
    estimate: Estimate = Field(description="With a 95 % interval; those of all pairs hold together.")
    p: float | None = Field(description="Corrected for the number of pairs.")
    distinguishable: bool


class ComparisonResult(Schema):
    """What was found, of the candidates that are done."""

    measure: Literal["macro_auroc", "macro_r2"] = Field(description="The mean over `labels`.")
    labels: list[str] = Field(description="Those of which enough patients have the label, and lack it.")
    n: int
    n_patients: int
    differences: list[CandidateDifference]
    verdict: Literal["best", "not_distinguishable", "withheld"]
    alike: list[int] = Field(description="Places of those that cannot be told apart from the one with the best score.")
    chosen: int | None = Field(description="Place of the one to use: of those that are alike the quickest to train.")
    text: list[Sentence] = Field(description="The same in sentences.")
    sources: list[SourceScore] = Field(
        [], description="Scores on each source, those of the candidates that are done in their order."
    )


class Comparison(Schema):
    """A comparison."""

    id: str
    name: str
    dataset_id: str | None
    dataset_name: str
    labels: list[str] | None = Field(description="Labels that were asked for; none: all of the dataset.")
    folds_by: FoldsBy = "patient"
    folds: int
    repeats: int
    split_seed: int
    created_at: datetime
    status: Literal["running", "done", "incomplete"] = Field(
        description="incomplete: some training has failed, was cancelled or deleted."
    )
    candidates: list[ComparedCandidate]


class ComparisonDetail(Comparison):
    """A comparison with what it found."""

    result: ComparisonResult | None = Field(description="None while trainings go on, or fewer than two are done.")
    no_result: Sentence = Field("", description="Why there is none though trainings have ended.")
