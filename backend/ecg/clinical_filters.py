"""The filters that electrocardiographs offer, for looking at an ECG; models get their own preprocessing.

Without phase shift (`zero_phase`), so that no wave moves; what is missing stays missing.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from backend.ecg import zero_phase
from backend.ecg.errors import PreprocessingError
from backend.ecg.filters import fill_gaps

Band: TypeAlias = Literal["0.05-150", "0.5-40"]
Mains: TypeAlias = Literal[50, 60]
BANDS: Final[Mapping[str, tuple[float, float]]] = {"0.05-150": (0.05, 150.0), "0.5-40": (0.5, 40.0)}
"""Hz: diagnostic (AHA 2007, adults), and for looking at rhythm: it blunts QRS."""
MAINS: Final[tuple[Mains, ...]] = (50, 60)


def filtered(
    signal: NDArray[np.float32], rate: float, band: str | None = None, mains: int | None = None
) -> NDArray[np.float32]:
    """Return (leads, n) at `rate` Hz through a band of `BANDS` and a notch at the frequency of the mains, 50 or 60 Hz.

    Samples that are missing (NaN) are bridged for the filter and missing again after it.
    Raises PreprocessingError for a band or frequency that is not offered, or that the rate does not allow.
    """
    check(band, mains)
    if band is None and mains is None:
        return signal
    x, _ = fill_gaps(signal, max_gap=np.inf)
    if mains is not None:
        x = zero_phase.notch(x, rate, mains)
    if band is not None:
        x = zero_phase.bandpass(x, rate, *BANDS[band], order=2)
    return np.where(np.isfinite(signal), x, np.nan).astype(np.float32)


def check(band: str | None, mains: int | None) -> None:
    """Raise PreprocessingError for what is not offered."""
    if band is not None and band not in BANDS:
        raise PreprocessingError(f"The filter {band!r} is not offered. Choose one of {', '.join(BANDS)} (Hz).")
    if mains is not None and mains not in MAINS:
        raise PreprocessingError(f"A notch at {mains} Hz is not offered. Choose the mains frequency, 50 or 60 Hz.")


def words(band: str | None, mains: int | None) -> str:
    """Return what was done, as it stands beside a tracing."""
    said = [f"{band.replace('-', '–')} Hz"] if band else []
    return ", ".join(said + ([f"notch {mains} Hz"] if mains else [])) or "unfiltered"
