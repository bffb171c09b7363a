"""The one value every reader returns and everything else takes: a 12-lead recording in mV and Hz."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backend.ecg.annotations import Annotation
from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import LEADS

Unit = Literal["mV", "arbitrary"]
Declaration = Literal["rate", "unit", "leads"]
LARGEST = 1e9  # beyond it a sample is no measurement, and sums of squares leave float32


@dataclass(frozen=True, slots=True)
class Patient:
    """What a file says of the patient. Names are never read; `id` is the identifier as written in the file."""

    id: str | None = None
    age: float | None = None  # years
    sex: Literal["F", "M"] | None = None


MEASUREMENTS: Mapping[str, str] = MappingProxyType(
    {"heart_rate": "1/min", "rr": "ms", "p": "ms", "pr": "ms", "qrs": "ms", "qt": "ms", "qtc": "ms",
     "p_axis": "°", "qrs_axis": "°", "t_axis": "°"}
)  # fmt: skip
"""What is kept of a device's own measurements, with units: durations of P and QRS, intervals, frontal axes."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One interpretive statement of the device: a `code` of the vocabulary `system` ("SCP-ECG", "MDC", "SNOMED-CT", …).

    `text` is the vocabulary's own wording of the code, never free text out of the file.
    """

    code: str
    system: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What a file says of the device and of what the device made of the signal.

    `model` is manufacturer and model; the filters are what the device applied before storing, in Hz. `measurements`
    has keys of MEASUREMENTS only. Serial numbers, places and people are never read.
    """

    model: str | None = None
    high_pass: float | None = None
    low_pass: float | None = None
    notch: float | None = None
    measurements: Mapping[str, float] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()

    def __post_init__(self) -> None:
        unknown = self.measurements.keys() - MEASUREMENTS.keys()
        if unknown:
            raise ValueError(f"These are no measurements that are kept: {', '.join(sorted(unknown))}.")


def _reach(signal: NDArray[np.float32]) -> float:
    """Return the largest amplitude, NaN left out; by the extremes, which is much quicker than by np.abs."""
    low, high = float(signal.min()), float(signal.max())
    if np.isnan(low):
        known = signal[~np.isnan(signal)]
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    return max(-low, high)


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A 12-lead ECG.

    `signal` is (12, n) float32 in canonical lead order, in mV, or without a scale where `unit` is "arbitrary"
    (normalised data); NaN marks samples the file declares missing. `rate` is in Hz. `step` is (12,) mV per integer
    step where the source held integers (or decimals of fixed resolution), so that signal / step is integral.
    `derived` names the leads computed from others and `missing` those a partial recording lacks (rows of NaN); `notes`
    says, in plain words, what the reader had to decide. `declared` names what the file left open, so that it came from
    the uploader. `stated_samples` is the length a lead that the file claims apart from its data. `record_id` is the
    identifier by which the file itself knows this recording (`exam_id`, `ecg_id`, `study_id`, the record name of a
    WFDB header), as text. `labels` are the values of those columns or arrays of the file that it declares to be labels,
    by name: texts or numbers; the codes of a `#Dx` line and a device's own are `device.statements`.
    `annotations` are beats, rhythms and waves of files that lie beside a WFDB record, by annotator and time.
    Raises UnreadableFileError for an empty signal, impossibly large values or an impossible rate.
    """

    signal: NDArray[np.float32]
    rate: float
    name: str
    format: str
    unit: Unit = "mV"
    derived: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    step: NDArray[np.float64] | None = None
    start: datetime | None = None
    patient: Patient = field(default_factory=Patient)
    device: DeviceFacts = field(default_factory=DeviceFacts)
    notes: tuple[str, ...] = ()
    declared: tuple[Declaration, ...] = ()
    stated_samples: int | None = None
    record_id: str | None = None
    labels: Mapping[str, str | float] = field(default_factory=dict)
    annotations: tuple[Annotation, ...] = ()

    def __post_init__(self) -> None:
        if self.signal.ndim != 2 or self.signal.shape[0] != len(LEADS) or self.signal.dtype != np.float32:
            raise ValueError(f"A recording needs a float32 signal of shape (12, n), not {self.signal.shape}.")
        if self.signal.shape[1] < 1:
            raise UnreadableFileError(f"{self.name} holds no samples. Export the recording again.")
        if _reach(self.signal) > LARGEST:
            raise UnreadableFileError(
                f"{self.name} holds infinite or impossibly large values. Replace them by NaN or by the true samples."
            )
        if not (np.isfinite(self.rate) and 20 <= self.rate <= 100_000):
            raise UnreadableFileError(
                f"{self.name} has a sampling rate of {self.rate:g} Hz; an ECG has 20 to 100,000 Hz. Correct the rate."
            )

    @property
    def n_samples(self) -> int:
        """Samples a lead."""
        return int(self.signal.shape[1])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.rate
