"""What EDF says in eight characters each: the range of a lead and the duration of a record, both without rounding."""

import math
from dataclasses import dataclass

import numpy as np

from backend.ecg.errors import UnwritableError

MAXIMUM = {16: 32767, 24: 8388607}
_RANGE_DIGITS = 7  # of eight characters one is the sign of the minimum
_DURATION_DIGITS = 8
_TRIED = 40_000
_EXACT = 1e-12


@dataclass(frozen=True, slots=True)
class Scale:
    """±`digital` steps are ±`physical` (a decimal) in `unit`."""

    digital: int
    physical: str
    unit: str


def find_scale(step_mv: float, peak: int, bits: int) -> Scale:
    """Return the widest range of a lead that states its step in mV exactly; it holds ±`peak` steps.

    Raises UnwritableError where there is none: the step is too fine, or `peak` too large.
    """
    top = MAXIMUM[bits]
    widest = np.arange(top, max(1, peak, top - _TRIED) - 1, -1)
    round_ones = np.arange(top // 1000, max(1, peak) // 1000, -1) * 1000  # have the fewest digits, of 24 bits
    digital = np.concatenate([widest, round_ones])
    for unit, factor in (("uV", 1000.0), ("mV", 1.0)):
        physical = digital * (step_mv * factor)
        for places in range(_RANGE_DIGITS - 1):
            rounded = np.round(physical, places)
            fits = rounded < 10.0 ** (_RANGE_DIGITS - (places + 1 if places else 0))
            exact = fits & (np.abs(rounded - physical) <= _EXACT * physical)
            if exact.any():
                best = int(exact.argmax())
                return Scale(int(digital[best]), f"{rounded[best]:.{places}f}", unit)
    raise UnwritableError(
        f"EDF cannot state a step of {step_mv * 1000:g} µV with samples up to {peak:,} steps exactly. "
        "Write it as wfdb, dicom or npy."
    )


def record_of(n_samples: int, rate: float) -> tuple[int, str]:
    """Return the samples of one data record and its duration in s as text: as near to one second as can be.

    Records are whole, so their samples divide `n_samples`. Raises UnwritableError where no such duration states the
    rate exactly.
    """
    small = [d for d in range(1, math.isqrt(n_samples) + 1) if n_samples % d == 0]
    divisors = {*small, *(n_samples // d for d in small)}
    for samples in sorted(divisors, key=lambda d: abs(math.log(d / rate))):
        for places in range(_DURATION_DIGITS - 1):
            text = f"{samples / rate:.{places}f}"
            if len(text) <= _DURATION_DIGITS and float(text) > 0 and samples / float(text) == rate:
                return samples, text
    raise UnwritableError(
        f"EDF cannot state {n_samples:,} samples at {rate:g} Hz exactly: no duration of a record has so few digits. "
        "Write it as wfdb, dicom or npy."
    )
