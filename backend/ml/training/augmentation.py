"""How training records are altered, as one frozen value."""

from dataclasses import dataclass
from typing import Annotated

from backend.ml.training.setting import Setting, check

DEVIATIONS = "In standard deviations of the ECG."


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Changes made afresh to each training record each time it is seen; each leaves the diagnosis as it is.

    Strengths are in standard deviations of the record's window, so that they suit any preprocessing.
    """

    # fmt: off
    crop_seconds: Annotated[float | None, Setting(
        "Random window (s)",
        "In each epoch the model sees a random section of this length, so that it does not depend on the position "
        "of a beat.",
        low=0.5, high=60.0, step=0.5, automatic="the whole recording",
    )] = 2.5
    shift: Annotated[float, Setting(
        "Random shift (s)",
        "The recording is shifted in time by up to this amount.",
        low=0.0, high=10.0, step=0.1, when={"augmentation.crop_seconds": (None,)},
    )] = 0.0
    scale: Annotated[float, Setting(
        "Random amplitude",
        "Amplitudes are scaled by a factor of 1 ± up to this.",
        low=0.0, high=0.9, step=0.05,
    )] = 0.2
    noise: Annotated[float, Setting(
        "Random noise",
        f"White noise of this strength is added, so that the model tolerates noisy recordings. {DEVIATIONS}",
        low=0.0, high=2.0, step=0.01,
    )] = 0.05
    wander: Annotated[float, Setting(
        "Random baseline wander",
        f"Baseline wander (0.05 to 0.5 Hz), as caused by breathing, of up to this amplitude is added. {DEVIATIONS}",
        low=0.0, high=2.0, step=0.05,
    )] = 0.0
    hum: Annotated[float, Setting(
        "Random mains interference",
        f"Interference of 50 or 60 Hz of up to this amplitude is added, if the sampling rate allows. {DEVIATIONS}",
        low=0.0, high=2.0, step=0.05,
    )] = 0.0
    lead_dropout: Annotated[float, Setting(
        "Random lead dropout",
        "The probability that a lead is set to zero, so that the model does not depend on a single lead. One lead "
        "is always kept.",
        low=0.0, high=0.9, step=0.05,
    )] = 0.1
    time_mask: Annotated[float, Setting(
        "Random time mask",
        "A section of up to this fraction of the window is set to zero.",
        low=0.0, high=0.9, step=0.05,
    )] = 0.0
    # fmt: on

    def __post_init__(self) -> None:
        check(self, "The augmentation")
