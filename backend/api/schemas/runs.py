"""Wire shapes of runs."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from backend.api.schemas.base import Schema
from backend.api.schemas.jobs import Job


class SplitIn(Schema):
    """How the recordings are parted: by seeded chance, or by the table's own split or fold column."""

    kind: Literal["random", "column"] = "random"
    train: float = Field(0.7, gt=0, lt=1)
    validation: float = Field(0.1, gt=0, lt=1)
    test: float = Field(0.2, gt=0, lt=1)
    test_fold: int | None = Field(None, description="Fold of the test part; none: the highest.")
    validation_fold: int | None = Field(None, description="Fold of the validation part; none: the next highest.")


class RunIn(Schema):
    """What to train."""

    dataset_id: str
    name: str = Field("", max_length=200)
    labels: list[str] | None = Field(None, description="Labels to learn; none: all of the dataset.")
    base_model_id: str | None = Field(
        None, description="Model of the project to fine-tune; none: a fresh network of `architecture`."
    )
    architecture: str | None = Field(None, description="None: the recommended one (see /system), or the base's own.")
    architecture_config: dict[str, Any] = {}
    preprocessing: dict[str, Any] | None = Field(
        None, description="A preset, with any of its values changed; none: what suits the network, or the base's own."
    )
    split: SplitIn = SplitIn()
    training: dict[str, Any] = Field(
        default={},
        description="Changes to the training defaults and to the recipe of the architecture (see /system). `method` is "
        "scratch without a base model; head, all or head_then_all (the default) with one.",
    )


class Estimate(Schema):
    """How long a training will take, before it is started."""

    seconds: float = Field(description="The likeliest; it mostly ends early because nothing becomes better any more.")
    most_seconds: float = Field(description="If every epoch is trained.")
    n_train: int
    method: str
    measured: bool = Field(description="From trainings on this machine; otherwise from a machine with two cores.")
    notes: list[str]


class Run(Schema):
    """A training run."""

    id: str
    dataset_id: str | None
    base_model_id: str | None
    name: str
    architecture: str
    settings: dict[str, Any]
    facts: dict[str, Any]
    created_at: datetime
    job: Job
    model_id: str | None = None
