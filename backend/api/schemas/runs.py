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
    architecture: str = "inception_time"
    architecture_config: dict[str, Any] = {}
    preprocessing: dict[str, Any] = Field(
        default={"preset": "clinical"}, description="A preset, with any of its values changed."
    )
    split: SplitIn = SplitIn()
    training: dict[str, Any] = Field(default={}, description="Changes to the training defaults (see /system).")


class Run(Schema):
    """A training run."""

    id: str
    dataset_id: str | None
    name: str
    architecture: str
    settings: dict[str, Any]
    facts: dict[str, Any]
    created_at: datetime
    job: Job
    model_id: str | None = None
