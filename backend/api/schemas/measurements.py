"""Wire shapes of measurements."""

from typing import Literal

from pydantic import Field

from backend.api.schemas.base import Schema, Sentence


class RR(Schema):
    """Intervals between beats, in ms; how far the longest is from the shortest, in % of the mean."""

    mean: float
    sd: float
    min: float
    max: float
    variation: float | None = Field(description="Null for fewer than four beats.")


class ComparedMeasurement(Schema):
    """One measurement twice: the platform's, and that of the device which took the recording."""

    name: str
    unit: str
    ours: float | None
    device: float | None
    difference: float | None = Field(description="Ours less the device's.")
    differs: bool | None = Field(description="Whether the two differ by more than two devices may.")


class Waves(Schema):
    """Where the waves of one beat begin, peak and end, in s from the start; null where there is none."""

    p_onset: float | None
    p_peak: float | None
    p_offset: float | None
    qrs_onset: float | None
    r_peak: float | None
    qrs_offset: float | None
    t_onset: float | None
    t_peak: float | None
    t_offset: float | None


class LeadQuality(Schema):
    """How good a lead is, from 0 to 1, and why it is not better."""

    index: float
    reasons: list[Sentence]


class Quality(Schema):
    """Whether a recording can be read and measured."""

    overall: Literal["usable", "doubtful", "unusable"]
    reasons: list[Sentence]
    leads: dict[str, LeadQuality]


class Measurements(Schema):
    """What the platform measures in a recording; null where it cannot, and `reasons` says why."""

    n_beats: int
    heart_rate: float | None = Field(description="Beats a minute, from the median RR interval.")
    rr_ms: RR | None
    rhythm_regular: bool | None = Field(
        deprecated=True, description="Always null: no verdict, but `rr_ms.variation`. Kept for older clients."
    )
    p_ms: float | None
    pr_ms: float | None
    qrs_ms: float | None
    qt_ms: float | None
    qtc_ms: dict[str, float] = Field(description="By formula: bazett, fridericia, framingham, hodges.")
    p_axis: float | None = Field(description="Degrees in the frontal plane.")
    qrs_axis: float | None
    t_axis: float | None
    st_mv: dict[str, float] = Field(
        description="Level at J + 60 ms over that just before QRS, by lead; leads without one are left out."
    )
    r_mv: dict[str, float]
    s_mv: dict[str, float]
    t_mv: dict[str, float]
    r_peaks_s: list[float]
    compared: list[ComparedMeasurement] = Field(description="Beside what the device measured itself.")
    reasons: dict[str, Sentence]
    waves: list[Waves] = Field(description="One entry a beat.")
    quality: Quality | None = Field(description="Null for a recording without a scale in mV.")
