"""Wire shapes of trainings side by side."""

from pydantic import Field

from backend.api.schemas.base import Schema, Sentence
from backend.api.schemas.jobs import Job
from backend.ml.evaluation.estimate import Estimate
from backend.ml.spec import Task
from backend.services.job_events import Epoch
from backend.services.run_settings import Group, Shown
from backend.services.runs_side_by_side import Tested


class ComparedSetting(Schema):
    """One setting of several trainings, in their order."""

    name: str = Field(description="Such as training.learning_rate.")
    title: Sentence
    group: Group
    values: list[Shown] = Field(description="Null: none, automatic, or not kept; see `words`.")
    words: list[Sentence | None] = Field(description="What each value means; null: it speaks for itself.")
    differs: bool


class ComparedFigure(Schema):
    """One measure of several trainings, each with its interval or why there is none; null: it has no such figure."""

    regression: bool = Field(description="Of estimated values; else of labels.")
    measure: str = Field(description="Such as macro_auroc, as in the results of a model.")
    label: str | None = Field(description="Null: the mean over labels or values.")
    estimates: list[Estimate | None]


class RunBeside(Schema):
    """A training beside others: where it stands, how it went, what its figures rest on."""

    id: str
    name: str
    task: Task
    job: Job
    model_id: str | None
    cross_validated: bool
    n_tested: int | None = Field(description="Recordings that its figures rest on; null: it has none.")
    n_patients: int | None = Field(description="Null: patients are not known.")
    no_figures: Sentence = Field(description="Why it has no figures; empty where it has.")
    no_epochs: Sentence = Field(description="Why it has no curve; empty where it has.")
    epochs: list[Epoch]


class RunsSideBySide(Schema):
    """Trainings side by side: what differs, how they went, and how good they are."""

    runs: list[RunBeside] = Field(description="In the order asked for.")
    gone: list[str] = Field(description="Ids that were asked for and are not there, or not any more.")
    settings: list[ComparedSetting] = Field(description="All that any of them has; `differs` says which to look at.")
    figures: list[ComparedFigure]
    tested: Tested | None = Field(
        description="Whether those that have figures were tested on the same recordings. Where they were not, or it is "
        "not known, figures must not be compared. Null: fewer than two have any."
    )
    text: list[Sentence] = Field(description="What may be compared, in sentences.")
