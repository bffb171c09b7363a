"""Wire shapes of datasets."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from backend.api.schemas.base import Schema, Task


class ValueSpread(Schema):
    """How the values of a column of the table lie, in its own unit."""

    mean: float
    sd: float
    low: float
    high: float
    bars: list[int] = Field(description="Values in equal stretches from the lowest to the highest.")


class LabelCount(Schema):
    """How often a label, or a value of a regression, stands in the table, and how often beside a recording here."""

    label: str
    code: str | None
    n_rows: int
    n_recordings: int
    values: ValueSpread | None = Field(None, description="Of a regression.")


class Dataset(Schema):
    """A table of labels attached to the recordings of a project."""

    id: str
    name: str
    file_name: str
    task: Task
    labels: list[str]
    split_column: Literal["split", "fold"] | None
    notes: list[str]
    created_at: datetime
    n_rows: int
    n_matched: int
    n_unmatched: int
    n_unlabelled: int = Field(description="Recordings of the project without a row in the table.")
    n_partial: int = Field(description="Matched recordings that lack leads: they are left out of training.")
    n_patients: int
    counts: list[LabelCount]
    parts: dict[str, int] = Field(description="Value of the split or fold column -> matched recordings.")
    unmatched: list[str] = Field(description="File names without a recording; the first 1000.")
    unlabelled: list[str] = Field(description="Recordings without a label; the first 1000.")
