"""Wire shapes of labelling in place: label sets, readings, agreement of readers, codes."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from backend.api.schemas.base import Name, Schema
from backend.ecg.terminology import Code
from backend.ml.evaluation.estimate import Estimate
from backend.services.annotation_readings import Role
from backend.services.annotations import MOST_LABELS, MOST_READERS, REGION_CLASSES, Task


class Label(Schema):
    """One label of a label set."""

    name: Name
    key: str = Field("", max_length=1, description="The key that gives it: a digit or a small letter; empty: the next.")
    code: str = Field("", max_length=40, description="What is meant, in the vocabulary `system`.")
    system: Literal["", "SCP-ECG", "SNOMED-CT", "ICD-10"] = ""


class LabelSetIn(Schema):
    """A label set as it is wanted."""

    name: Name
    labels: list[Label] = Field(min_length=1, max_length=MOST_LABELS)
    task: Task = "single_label"
    region_classes: list[Name] = Field(list(REGION_CLASSES), max_length=MOST_LABELS)
    blind: bool = Field(False, description="No reader sees what a machine or another reader says, before they ask.")
    n_readers: int = Field(1, ge=1, le=MOST_READERS, description="How many are to read each recording.")


class ReadingProgress(Schema):
    """How far the reading of a label set is, in recordings."""

    n_recordings: int
    n_read: int = Field(description="By one reader or more.")
    n_read_twice: int
    n_mine: int
    n_left: int = Field(description="For the reader who asks.")
    n_disagreements: int = Field(description="That nobody has adjudicated.")
    n_adjudicated: int


class LabelSet(Schema):
    """Labels by which the recordings of a project are read on the page."""

    id: str
    name: str
    task: Task
    labels: list[Label]
    region_classes: list[str]
    blind: bool
    n_readers: int
    n_versions: int = Field(description="Datasets made of it so far.")
    created_by: str
    created_at: datetime
    progress: ReadingProgress


class Region(Schema):
    """A stretch of the tracing with a class, on one lead or more."""

    label: Name
    from_ms: float = Field(ge=0)
    to_ms: float
    leads: list[str] = Field(min_length=1, max_length=12)


class ReadingIn(Schema):
    """What a reader says of a recording. Sent again with the same id it is kept once."""

    recording_id: str
    labels: list[str] = Field([], max_length=MOST_LABELS)
    done: bool = Field(True, description="The reader has finished; false takes a reading back.")
    replaces: str | None = Field(None, description="Id of the last reading of the same reader that the sender knows.")
    role: Role = "reader"
    note: str = Field("", max_length=4000)
    regions: list[Region] = []
    made_at: datetime | None = Field(None, description="By the reader's clock, where it is sent later.")


class Reading(Schema):
    """What one reader said of a recording, and when."""

    id: str
    recording_id: str
    reader: str
    role: Role
    number: int
    labels: list[str]
    done: bool
    note: str
    regions: list[Region]
    sighted: bool = Field(description="Made after what others say was revealed.")
    made_at: datetime | None
    created_at: datetime


class Suggestion(Schema):
    """What the device stated of a recording."""

    text: str
    code: str
    system: str
    label: str | None = Field(description="The label of the set that says the same.")


class ReadRecording(Schema):
    """What is said of one recording, as far as the reader may see it."""

    recording_id: str
    mine: Reading | None
    others: list[Reading] = Field(description="Finished readings of others.")
    adjudication: Reading | None
    suggestions: list[Suggestion]
    hidden: bool = Field(description="The set is blind, and nothing was revealed: others and machines are left out.")
    n_readers: int = Field(description="Who have finished it.")


class WaitingRecording(Schema):
    """A recording to be read; `uncertainty` (0 to 1) is that of the prediction by which the queue is ordered."""

    recording_id: str
    uncertainty: float | None


class Disagreement(Schema):
    """A recording on which readers differ."""

    recording_id: str
    file_name: str = Field(description="Empty where the set is blind.")
    n_readers: int
    adjudicated: bool


class LabelAgreement(Schema):
    """One label, yes or no: how often each of two readers gave it, and Cohen's kappa."""

    label: str
    n_first: int
    n_second: int
    n_both: int
    kappa: Estimate


class PairAgreement(Schema):
    """Two readers on the recordings that both have read."""

    first: str
    second: str
    n: int
    n_agreed: int
    kappa: Estimate = Field(description="Of several labels: the mean of theirs.")
    labels: list[LabelAgreement]


class Agreement(Schema):
    """How far each pair of readers agrees."""

    independent: bool = Field(description="The set is blind: nobody saw what others said.")
    n_sighted: int = Field(description="Readings left out, made after what others say was revealed.")
    pairs: list[PairAgreement]


class FreezeIn(Schema):
    """A label set as it stands is to become a dataset."""

    name: str = Field("", max_length=200, description="Empty: that of the set with the number of the version.")
    fewest_readers: int | None = Field(
        None,
        ge=1,
        le=MOST_READERS,
        description="Recordings that fewer have read are left out; null: as the set asks for.",
    )


class CodeList(Schema):
    """Codes of SCP-ECG, SNOMED CT and ICD-10."""

    codes: list[Code]
