"""The one value every reader returns and everything else takes: a 12-lead recording in mV and Hz."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import LEADS

Unit = Literal["mV", "arbitrary"]
LARGEST = 1e9  # beyond it a sample is no measurement, and sums of squares leave float32


@dataclass(frozen=True, slots=True)
class Patient:
    """What a file says of the patient. Names are never read; `id` is the identifier as written in the file."""

    id: str | None = None
    age: float | None = None  # years
    sex: Literal["F", "M"] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A 12-lead ECG.

    `signal` is (12, n) float32 in canonical lead order, in mV, or without a scale where `unit` is "arbitrary"
    (normalised data); NaN marks samples the file declares missing. `rate` is in Hz. `step` is (12,) mV per integer
    step where the source held integers (or decimals of fixed resolution), so that signal / step is integral.
    `derived` names the leads computed from others; `notes` says, in plain words, what the reader had to decide.
    Raises UnreadableFileError for an empty signal, impossibly large values or an impossible rate.
    """

    signal: NDArray[np.float32]
    rate: float
    name: str
    format: str
    unit: Unit = "mV"
    derived: tuple[str, ...] = ()
    step: NDArray[np.float64] | None = None
    start: datetime | None = None
    patient: Patient = field(default_factory=Patient)
    device: str | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.signal.ndim != 2 or self.signal.shape[0] != len(LEADS) or self.signal.dtype != np.float32:
            raise ValueError(f"A recording needs a float32 signal of shape (12, n), not {self.signal.shape}.")
        if self.signal.shape[1] < 1:
            raise UnreadableFileError(f"{self.name} holds no samples. Export the recording again.")
        if (np.abs(self.signal) > LARGEST).any():
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
