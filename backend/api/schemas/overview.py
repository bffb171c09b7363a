"""Wire shapes of a project at a glance, and of what the recordings of a table of labels are like."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from backend.api.schemas.base import Schema
from backend.api.schemas.recording_lists import FacetValue
from backend.services.next_step import StepKind, UnfinishedKind
from backend.services.overview import NewestKind


class Counts(Schema):
    """How much of everything a project holds."""

    n_recordings: int
    n_patients: int = Field(description="Told apart by their pseudonyms in the files.")
    n_with_findings: int
    n_partial: int = Field(description="Recordings that lack leads.")
    n_without_patient: int = Field(description="Recordings whose file names no patient.")
    n_labelled: int = Field(description="Recordings with a row in the newest table of labels or values.")
    n_datasets: int
    n_label_sets: int
    n_runs: int
    n_models: int
    n_predictions: int
    n_evaluations: int


class Newest(Schema):
    """Something that was made lately; an import has no name, a prediction and an evaluation that of their model."""

    kind: NewestKind
    id: str
    name: str
    created_at: datetime


class Unfinished(Schema):
    """Something that is begun and not done.

    refused, findings: files of an import; reading: recordings of a label set that enough have read; frozen: recordings
    of one that is read, of which no dataset was made; running: per cent of a training; failed: the newest training;
    untested: a model without a test on recordings of elsewhere; unmatched: rows of the newest table that fit none.
    """

    kind: UnfinishedKind
    id: str
    name: str
    n: int
    total: int


class ProjectHealth(Schema):
    """Whether the project can go on: workers that live, its jobs that wait, run and have failed."""

    has_worker: bool
    n_waiting: int
    n_running: int
    n_failed: int


class NextStep(Schema):
    """What is best done next, and the id of what it is done with; empty where it is the project itself."""

    kind: StepKind
    id: str


class Overview(Schema):
    """A project at a glance."""

    counts: Counts
    newest: list[Newest]
    unfinished: list[Unfinished]
    health: ProjectHealth
    next_step: NextStep
    counted_at: datetime | None = Field(None, description="Of a large project, when its ECGs were counted; null: now.")


class LabelPair(Schema):
    """Two labels that recordings have at once."""

    one: str
    other: str
    n: int


class AgeDecade(Schema):
    """Recordings of people from `low` to under `high` years, by sex."""

    low: int
    high: int | None = Field(description="Null of the last decade.")
    female: int
    male: int
    unknown: int


class RateCount(Schema):
    """A sampling rate and how many recordings have it."""

    hz: float
    n: int


class DatasetStatistics(Schema):
    """What the recordings of a table of labels are like; each count is the length of a list that can be asked for.

    The values of a list come with the most frequent first; "" is what is not known.
    """

    n_recordings: int
    n_patients: int
    labels: list[FacetValue]
    pairs: list[LabelPair]
    n_unlabelled: int = Field(description="With a row that names no label.")
    sex: list[FacetValue]
    age: list[AgeDecade]
    n_without_age: int
    rate: list[RateCount]
    device: list[FacetValue]
    format: list[FacetValue]
    finding: list[FacetValue] = Field(description="Codes of findings.")
    n_good: int = Field(description="Without a finding about the quality of the signal.")
    n_doubtful: int
    counted_at: datetime | None = Field(None, description="Of a large project, when this was counted; null: now.")


class Source(Schema):
    """A source of recordings, such as a device."""

    name: str
    n: int
    n_patients: int


class SourcesOfKind(Schema):
    """The sources of a dataset's recordings by one kind."""

    by: Literal["device", "folder", "format", "import"]
    sources: list[Source] = Field(description="Those of at least five patients, the largest first.")
    n_small: int = Field(description="Other sources: they are tested together, or only train.")
    n_recordings_of_small: int
    n_unknown: int = Field(description="Recordings whose source is not known: they are in no fold.")


class DatasetSources(Schema):
    """By what the folds of a cross-validation can be made: kinds of which two sources have enough patients."""

    kinds: list[SourcesOfKind]
