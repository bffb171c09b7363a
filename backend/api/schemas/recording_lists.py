"""Wire shapes of lists of recordings: where one stands, what they can be filtered by."""

from datetime import datetime

from pydantic import Field

from backend.api.schemas.base import Schema


class Place(Schema):
    """Where a recording stands in a list, and its neighbours there."""

    position: int | None = Field(description="From 1; null where the recording is not in the list.")
    total: int
    previous_id: str | None
    next_id: str | None
    about: bool = Field(False, description="Position and total are told from a sample, as of very many recordings.")


class FacetValue(Schema):
    """A value that recordings have, and how many have it."""

    value: str
    n: int


class AgeRange(Schema):
    """Youngest and oldest, in years."""

    low: float
    high: float


class DateRange(Schema):
    """First and last."""

    first: datetime
    last: datetime


class Facets(Schema):
    """What the recordings of a project can be filtered by, the most frequent values first."""

    format: list[FacetValue]
    device: list[FacetValue]
    sex: list[FacetValue]
    finding: list[FacetValue] = Field(description="Codes of findings.")
    labels: list[str] = Field(description="Of the newest table of labels.")
    age: AgeRange | None
    recorded: DateRange | None
    counted_at: datetime | None = Field(None, description="Of a large project, when this was counted; null: now.")
