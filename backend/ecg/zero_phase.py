"""Recursive filters run forwards and backwards along the last axis of (..., n), so that no wave moves in time.

What they do to the ST segment is measured in docs/preprocessing.md.
"""

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.ecg.errors import PreprocessingError

NYQUIST_MARGIN = 0.98
"""A corner above this share of the Nyquist frequency filters nothing that the sampling has not already cut."""

NOTCH_QUALITY = 30.0
MAINS_HZ = (50.0, 60.0)
_MAINS_PERIODS_S = 0.2  # ten periods of 50 Hz, twelve of 60 Hz
MAINS_ABOVE = 20.0
"""A line of this many times the power around it is hum: 15 µV in a quiet recording."""

Float = NDArray[np.float64]
_Kind = Literal["highpass", "bandpass", "notch"]


@lru_cache(maxsize=64)
def _sections(kind: _Kind, hz: tuple[float, ...], rate: float, order: int) -> tuple[Float, Float, int]:
    """Second-order sections, their steady state for a unit step, and scipy's samples of odd extension at each end."""
    from scipy.signal import butter, iirnotch, sosfilt_zi, tf2sos  # half a second to import: only where it is wanted

    if kind == "notch":
        sos = tf2sos(*iirnotch(hz[0], NOTCH_QUALITY, fs=rate))
    else:
        sos = butter(order, hz if kind == "bandpass" else hz[0], kind, fs=rate, output="sos")
    taps = 2 * len(sos) + 1 - min(int((sos[:, 2] == 0).sum()), int((sos[:, 5] == 0).sum()))
    return np.asarray(sos), np.asarray(sosfilt_zi(sos)), 3 * taps


def bandpass(signal: ArrayLike, rate: float, low: float, high: float, order: int = 4) -> Float:
    """Band-pass (..., n) between `low` and `high` Hz: Butterworth, forwards and backwards, so without phase shift.

    The corners are therefore down by 6 dB, not 3. Equal to `scipy.signal.sosfiltfilt` with its default odd extension
    (shortened for a signal shorter than that), but the coefficients are kept between calls. Where `high` is at
    or above 0.98 of the Nyquist frequency there is nothing left to cut and only the high-pass at `low` is applied.
    The lower corner decides about ST: see `high_pass`.
    Raises PreprocessingError where `low` is not below that limit either, or the corners are not 0 < low < high.
    """
    _check_rate(rate)
    if not 0 < low < high < np.inf:
        raise PreprocessingError(f"A band-pass from {low:g} to {high:g} Hz is impossible. Give 0 < low < high.")
    limit = NYQUIST_MARGIN * rate / 2
    if low >= limit:
        raise PreprocessingError(
            f"A band-pass from {low:g} Hz leaves nothing of a recording at {rate:g} Hz. Lower its first corner."
        )
    if high < limit:
        return _there_and_back(signal, _sections("bandpass", (float(low), float(high)), float(rate), order))
    return _there_and_back(signal, _sections("highpass", (float(low),), float(rate), order))


def high_pass(signal: ArrayLike, rate: float, hz: float, order: int = 4) -> Float:
    """Take drift below `hz` out of (..., n): Butterworth of order 4, forwards and backwards, down by 6 dB at `hz`.

    Without phase shift a corner up to 0.67 Hz keeps the ST segment within the limits of the American Heart Association
    (Kligfield et al., Circulation 2007;115:1306); a filter that runs forwards only needs 0.05 Hz for that. Equal to
    `scipy.signal.sosfiltfilt` with its default odd extension (shortened for a signal shorter than that).
    Raises PreprocessingError where `hz` is not between 0 and 0.98 of the Nyquist frequency.
    """
    _check_rate(rate)
    if not 0 < hz < NYQUIST_MARGIN * rate / 2:
        raise PreprocessingError(f"A high-pass at {hz:g} Hz is impossible at {rate:g} Hz. Give for example 0.5 Hz.")
    return _there_and_back(signal, _sections("highpass", (float(hz),), float(rate), order))


def notch(signal: ArrayLike, rate: float, hz: float) -> Float:
    """Take mains hum at `hz` out of (..., n): a notch of quality 30 (1.7 Hz wide at 50 Hz), forwards and backwards.

    ST, T and P stay as they are; steep QRS complexes ring with a few µV for about 0.2 s on either side. Where `hz` is
    at or above 0.98 of the Nyquist frequency there is nothing left to cut and the signal comes back as it is.
    Raises PreprocessingError for an impossible rate or a frequency that is not positive.
    """
    _check_rate(rate)
    if not 0 < hz < np.inf:
        raise PreprocessingError(f"A notch at {hz:g} Hz is impossible. Give the mains frequency, 50 or 60 Hz.")
    x = np.array(signal, dtype=np.float64)
    if hz >= NYQUIST_MARGIN * rate / 2:
        return x
    n, period = x.shape[-1], round(_MAINS_PERIODS_S * rate)
    if n > period:
        # Whole periods of the hum run on beyond the ends; an odd extension would break its phase and leave it there.
        before = x[..., :period] + (x[..., :1] - x[..., period : period + 1])
        after = x[..., -period:] + (x[..., -1:] - x[..., -period - 1 : -period])
        x = np.concatenate([*[before] * 5, x, *[after] * 5], axis=-1)
    y = _there_and_back(x, _sections("notch", (float(hz),), float(rate), 2))
    return y[..., 5 * period : 5 * period + n] if n > period else y


def mains_frequency(signal: ArrayLike, rate: float) -> float | None:
    """Return 50 or 60 Hz where (leads, n) holds a narrow line there, well above what surrounds it; otherwise None."""
    x = np.asarray(signal, dtype=np.float64)
    n = x.shape[-1]
    if n < 2 * rate:
        return None
    power = (np.abs(np.fft.rfft((x - x.mean(axis=-1, keepdims=True)) * np.hanning(n))) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(n, 1 / rate)
    strength: dict[float, float] = {}
    for mains in MAINS_HZ:
        away = np.abs(hz - mains)
        line, around = power[away <= 0.4], power[(away > 1) & (away <= 6)]
        if mains < NYQUIST_MARGIN * rate / 2 and line.size and around.size:
            strength[mains] = float(line.max() / max(np.quantile(around, 0.75), 1e-30))
    best = max(strength, key=lambda mains: strength[mains], default=None)
    return best if best is not None and strength[best] > MAINS_ABOVE else None


def _check_rate(rate: float) -> None:
    if not (np.isfinite(rate) and rate > 0):
        raise PreprocessingError(f"{rate:g} Hz is no sampling rate. Give a positive number of samples a second.")


def _there_and_back(signal: ArrayLike, sections: tuple[Float, Float, int]) -> Float:
    from scipy.signal import sosfilt

    sos, steady, padding = sections
    x = np.asarray(signal, dtype=np.float64)
    n = x.shape[-1]
    pad = min(padding, n - 1)
    y = np.empty((*x.shape[:-1], n + 2 * pad))
    y[..., pad : pad + n] = x
    y[..., :pad] = 2 * x[..., :1] - x[..., pad:0:-1]
    y[..., pad + n :] = 2 * x[..., -1:] - x[..., -2 : -pad - 2 : -1]
    start = steady.reshape(len(sos), *(1,) * (x.ndim - 1), 2)
    for _ in range(2):
        y, _state = sosfilt(sos, y, zi=start * y[np.newaxis, ..., :1])
        y = y[..., ::-1]
    return y[..., pad : pad + n]
