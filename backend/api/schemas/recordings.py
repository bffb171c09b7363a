"""Wire shapes of recordings."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from backend.api.schemas.base import Schema, Sentence

LeftOpen = Literal["rate", "unit", "leads"]


class Finding(Schema):
    """Something about a recording that a person should look at."""

    code: str
    message: Sentence


class Statement(Schema):
    """One interpretive statement of the device: a code of a vocabulary, with the vocabulary's own wording."""

    code: str
    system: str
    text: str | None = None


class DeviceFacts(Schema):
    """What the file says of the device, and of what the device made of the signal."""

    model: str | None = None
    high_pass: float | None = Field(None, description="Filter of the device in Hz.")
    low_pass: float | None = Field(None, description="Filter of the device in Hz.")
    notch: float | None = Field(None, description="Filter of the device in Hz.")
    measurements: dict[str, float] = Field(
        {}, description="heart_rate in 1/min; rr, p, pr, qrs, qt, qtc in ms; p_axis, qrs_axis, t_axis in degrees."
    )
    statements: list[Statement] = []


class Recording(Schema):
    """A stored 12-lead ECG."""

    id: str
    file_name: str
    name: str
    record_id: str | None = Field(description="By which the file itself knows it, such as exam_id.")
    file_labels: dict[str, str | float] = Field(description="What the file itself declares to be labels, by name.")
    format: str
    rate: float = Field(description="Hz")
    n_samples: int
    duration_s: float
    unit: Literal["mV", "arbitrary"]
    derived_leads: list[str]
    missing_leads: list[str] = Field(description="Of a partial recording: it can be looked at, but not learnt from.")
    patient_id: str | None = Field(description="Pseudonym of the patient within the project.")
    age: float | None = Field(description="Years; 90 stands for 90 and more.")
    sex: Literal["F", "M"] | None
    device: str | None
    device_facts: DeviceFacts
    recorded_at: datetime | None
    declared: dict[str, Any]
    left_open: list[LeftOpen] = Field(description="What the file itself does not say.")
    notes: list[Sentence]
    findings: list[Finding]
    created_at: datetime
    labels: list[str] = Field([], description="Labels in the newest table of labels that has this recording.")
    values: dict[str, float] = Field(
        {}, description="Values in the newest table of values that has this recording, by name: LVEF (%), age."
    )
    previous_id: str | None = Field(None, description="Neighbour by file name; only when one recording is asked for.")
    next_id: str | None = None


class Offer(Schema):
    """A declaration that would help: one field of an upload."""

    rate: float | None = None
    units_per_mv: float | None = None
    unit: Literal["mV", "arbitrary"] | None = None
    leads: str | None = Field(None, description="Order of the channels, separated by commas.")
    partial: bool | None = None
    raw: bool | None = None


class Outcome(Schema):
    """What became of one uploaded file (or set of files)."""

    file_name: str
    status: Literal["imported", "duplicate", "updated", "refused"]
    detail: Sentence = Field(description="Why it was refused, or what to look at; may be empty.")
    recording_ids: list[str]
    findings: list[Finding] = []
    offers: list[Offer] = Field(
        [], description="Declarations with which a refused file could be read; only in the answer to the upload."
    )


class UploadReport(Schema):
    """The outcome of every file of one upload, in the order of upload."""

    import_id: str
    outcomes: list[Outcome]
    imported: int
    duplicate: int
    updated: int
    refused: int


class Preview(Schema):
    """What an upload would read, with the options given, in the first file that leaves something open."""

    file_name: str
    format: str | None
    left_open: list[LeftOpen] = Field([], description="What the file itself does not say.")
    rate: float | None = Field(None, description="Hz")
    unit: Literal["mV", "arbitrary"] | None = None
    n_recordings: int = 0
    duration_s: float | None = None
    leads: list[str] = Field([], description="Order in which unnamed leads were taken, or the leads that were found.")
    missing_leads: list[str] = []
    notes: list[Sentence] = []
    findings: list[Finding] = []
    heart_rate: float | None = Field(None, description="Beats a minute, a rough estimate from the signal.")
    peak_to_peak_mv: float | None = Field(None, description="Span of the largest lead.")
    error: Sentence | None = Field(None, description="Why the file cannot be read.")
    offers: list[Offer] = Field(
        [],
        description="Declarations with which the file could be read, the likeliest first: of one that cannot be read "
        "as declared, or that states a unit which is no voltage.",
    )
    signal: str | None = Field(None, description="Base64 of the first 10 s, in the form of get_signal.")
