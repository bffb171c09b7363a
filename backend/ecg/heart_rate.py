"""A quick estimate of the heart rate, to doubt a declared sampling rate by."""

import numpy as np
from numpy.typing import NDArray

from backend.ecg.leads import LEADS


def estimate_heart_rate(signal: NDArray[np.float32], rate: float) -> float | None:
    """Return beats a minute from the slopes of all leads (12, n), None where no rhythm stands out.

    A quick look, not a diagnosis: good to a factor, from 12 to 600 a minute. Two ways are taken, the lag of the
    highest peak in the autocorrelation of the summed slope and a count of steep places, and the answer nearer to a
    normal rate is given: irregular rhythms mislead the first, noise misleads the second.
    """
    found = _two_ways(signal, rate)
    return None if found is None else min(found, key=lambda value: abs(np.log(value / 70)))


def implied_heart_rate(signal: NDArray[np.float32], rate: float) -> float | None:
    """Return the beats a minute that a rate would mean which is so wrong that no rhythm is found at it.

    Of a signal (12, n) in which both ways do not agree at `rate`, but do at a usual one: how many beats a minute that
    is grows with the rate. None where they agree at `rate`, and where they do nowhere.
    """
    if _agreed(_two_ways(signal, rate)) is not None:
        return None
    for other in _USUAL:
        found = _agreed(_two_ways(signal, other))
        if found is not None:
            return found * rate / other
    return None


def _agreed(found: tuple[float, float] | None) -> float | None:
    return found[0] if found is not None and abs(np.log(found[0] / found[1])) < _ALIKE else None


def _two_ways(signal: NDArray[np.float32], rate: float) -> tuple[float, float] | None:
    """Return beats a minute by the lag and by the count, None where no rhythm stands out."""
    every = max(1, round(rate / 125))
    n = (signal.shape[1] - 1) // every * every
    if n // every < 64:
        return None
    slope = np.abs(np.diff(signal[_INDEPENDENT, : n + 1], axis=1)).sum(axis=0).reshape(-1, every).sum(axis=1)
    step = every / rate
    width = max(1, round(0.04 / step))
    slope = np.convolve(slope, np.ones(width) / width, mode="same")
    slope = np.minimum(slope, _quantile(slope, 0.98))
    slope -= slope.mean()
    size = slope.size
    padded = 1 << (2 * size).bit_length()  # a power of two: sizes with large prime factors take ten times as long
    spectrum = np.fft.rfft(slope, padded)
    lags = np.fft.irfft(spectrum * spectrum.conj())[: size // 2] / (size - np.arange(size // 2))
    if lags[0] <= 0:
        return None
    lags /= lags[0]
    first, last = max(2, int(0.1 / step)), min(lags.size - 1, int(5 / step))
    inner = lags[first:last]
    peaks = first + 1 + np.flatnonzero((inner[1:-1] >= inner[:-2]) & (inner[1:-1] > inner[2:]))
    peaks = peaks[lags[peaks] > 0.15]
    if not peaks.size:
        return None
    # The first peak that is nearly as high as the highest: later ones are two or more beats on.
    regular = 60 / (peaks[lags[peaks] >= 0.8 * lags[peaks].max()][0] * step)
    steep = np.flatnonzero(slope > 0.4 * slope.max())
    counted = 60 / (size * step) * (1 + np.count_nonzero(np.diff(steep) * step > 0.1))
    return float(regular), float(counted)


def _quantile(x: NDArray[np.float64], q: float) -> float:
    """Return np.quantile(x, q), to the last bit, in a fifth of its time."""
    place = q * (x.size - 1)
    below = int(place)
    above = min(below + 1, x.size - 1)
    ordered = np.partition(x, (below, above))
    low, high, part = float(ordered[below]), float(ordered[above]), place - below
    return high - (high - low) * (1 - part) if part >= 0.5 else low + (high - low) * part


_USUAL = (500, 250, 1000, 125)
_ALIKE = 0.12  # logarithm of the ratio of what both ways find
_INDEPENDENT = [LEADS.index(lead) for lead in ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")]
