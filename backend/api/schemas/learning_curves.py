"""Wire shapes of learning curves: what more data would bring a candidate of a comparison."""

from typing import Literal

from pydantic import Field

from backend.api.schemas.base import Schema, Sentence
from backend.api.schemas.jobs import Job
from backend.ml.evaluation.estimate import Estimate
from backend.ml.evaluation.learning_curve import Verdict


class LearningCurvePoint(Schema):
    """A share of what each fold may learn from, whole patients, and what the candidate reaches with it."""

    share: float = Field(description="0.25, 0.5, or 1 for the candidate's own training.")
    n: int | None = Field(description="Recordings that a fold learns from, on average; none of a share left out.")
    n_patients: int | None
    run_id: str | None
    model_id: str | None = Field(description="Of a share it is not offered for use; none before it is done.")
    job: Job | None
    score: Estimate | None = Field(description="On the recordings that all points tested; none before half is done.")
    why_not: Sentence = Field("", description="Why this share is left out.")


class LearningCurve(Schema):
    """How good a candidate is with a quarter and half of what it learned from, and what twice the data would bring."""

    place: int = Field(description="Of the candidate in the comparison, from 0.")
    title: str
    status: Literal["not_possible", "not_started", "running", "done", "incomplete"] = Field(
        description="incomplete: some training has failed, was cancelled or deleted; start it again."
    )
    why_not: Sentence = Field("", description="Why it is not possible.")
    seconds: float = Field(description="How long the trainings take that are not done.")
    measure: Literal["macro_auroc", "macro_r2"] = Field(description="The mean over `labels`.")
    points: list[LearningCurvePoint] = Field(description="The smallest share first, all last.")
    verdict: Verdict | None = Field(
        description="no_gain: none beyond chance from half to all, nor room for much. None before half is done."
    )
    last: Estimate | None = Field(description="By how much all score above half, with a 95 % interval by patient.")
    ahead: Estimate | None = Field(
        description="What as much again would bring: extrapolated from the last doubling, no promise; of a gain only."
    )
    labels: list[str] = Field([], description="Those of which enough patients have the label, and lack it.")
    n: int | None = Field(None, description="Recordings that all points tested.")
    n_patients: int | None = None
    text: list[Sentence] = Field([], description="The same in sentences.")
