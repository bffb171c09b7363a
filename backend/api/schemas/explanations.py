"""Wire shapes of explanations."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from backend.api.schemas.base import Schema, Sentence
from backend.api.schemas.jobs import Job
from backend.services.explanations import Way

Number = float | None
Wave = Literal["P", "QRS", "ST", "T", "rest", ""]


class ExplanationIn(Schema):
    """Ask what a model looked at in a recording."""

    model_id: str
    recording_id: str
    label: str | None = Field(None, max_length=500, description="One of the model's; none: the one that it tells.")
    ways: list[Way] | None = Field(None, max_length=10, description="None: all that can be had.")


class MapControl(Schema):
    """How a map compares with those of the same network with random weights."""

    evidence: bool = Field(description="False: a random network gives as strong a map, so do not show this one.")
    stands_out: Number = Field(description="By how many SD one place lies above the random networks, at most.")
    strongest: Number = Field(description="The same of the random network that stands out most.")
    n_networks: int
    n_as_strong: int = Field(description="How many random networks stand out as much.")
    text: Sentence


class ExplanationMap(Schema):
    """A map: in log-odds of the label, of a regression in its unit; + speaks for the label."""

    method: Literal["leads", "waves", "gradients", "weights"]
    text: Sentence = Field(description="The strongest place in words; empty where the map is no evidence.")
    control: MapControl
    lead: str | None = Field(description="Of the strongest place; none: all leads together.")
    wave: Wave | None = Field(description="Of the strongest place; none: the whole lead.")
    totals: list[Number] = Field(description="Of each lead for “leads”, else of each wave in all leads at once.")
    cells: list[list[Number]] | None = Field(description="By lead and wave.")
    outputs: list[Number] | None = Field(description="What the model says with that taken out, as `totals`.")
    cell_outputs: list[list[Number]] | None = Field(description="The same, as `cells`.")
    on_beat: list[list[Number]] | None = Field(description="By lead and sample of the average beat.")
    gap: Number = Field(description="Of gradients: share by which their sum misses the difference of the scores.")


class ExplainedBeat(Schema):
    """The median of the beats, aligned by Rlign: one second at 60 beats a minute, in mV."""

    signal: list[list[Number]]
    waves: list[Wave]
    n_beats: int


class ExplainedSpan(Schema):
    """Where in the recording a wave lies."""

    from_ms: int
    to_ms: int
    wave: Wave


class NearestRecording(Schema):
    """A training ECG that is like the explained one."""

    recording_id: str
    file_name: str
    known: list[str] | None = Field(description="Labels that a table gives it; none: no table does.")
    similarity: float = Field(description="Cosine of the embeddings, -1 to 1.")


class NearestRecordings(Schema):
    """The training ECGs of the project that are most like the recording by the embedding of CardX."""

    recordings: list[NearestRecording]
    n_compared: int = 0
    n_trained: int = Field(0, description="Of the model's training ECGs that are in this project.")
    share_with_label: float | None = Field(None, description="Of all compared ECGs whose labels are known.")
    why_not: Sentence = ""


class ExplanationResult(Schema):
    """What was found. A map is a hint about the model, never a finding about the patient."""

    label: str
    label_name: str
    score: Number = Field(description="Log-odds of the label before calibration; of a regression the value.")
    output: Number = Field(description="Probability of the label; of a regression the value.")
    regression: bool
    leads: list[str]
    waves: list[Wave] = Field(description="Those that this ECG has, in the order of the columns of `cells`.")
    maps: list[ExplanationMap]
    beat: ExplainedBeat | None
    spans: list[ExplainedSpan]
    notes: list[Sentence]
    missing: dict[str, str] = Field(description="Ways of looking that could not be had, and why.")
    nearest: NearestRecordings | None


class Explanation(Schema):
    """An explanation."""

    id: str
    model_id: str
    model_name: str
    recording_id: str
    file_name: str
    label: str | None = Field(description="That was asked for; none: the one that the model tells.")
    ways: list[Way]
    created_at: datetime
    job: Job


class ExplanationDetail(Explanation):
    """An explanation with what was found."""

    result: ExplanationResult | None = Field(description="None until the job is done.")
