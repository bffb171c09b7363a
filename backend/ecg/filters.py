"""Filters along the last axis of (..., n): gaps, band-pass, moving median, clipping, z-score.

Each row (a lead) is treated on its own, so the leading axes may be leads, recordings or both.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from backend.ecg.errors import PreprocessingError

FLAT = 1e-6
"""A lead whose standard deviation is not above this (1 nV for a signal in mV) is flat."""

NYQUIST_MARGIN = 0.98
"""A corner above this share of the Nyquist frequency filters nothing that the sampling has not already cut."""

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]


def fill_gaps(signal: ArrayLike, max_gap: float) -> tuple[Float, Mask | None]:
    """Return the signal with every NaN or infinite sample filled, and which samples stay missing (None if none do).

    A gap is bridged by a straight line between its neighbours; at an edge the nearest sample is held; a row without a
    single finite sample becomes zeros. Filters need that everywhere, but a line over a long gap is no ECG: gaps of
    more than `max_gap` samples are marked in the mask for the caller to leave out.
    """
    filled = np.array(signal, dtype=np.float64)
    finite = np.isfinite(filled)
    if finite.all():
        return filled, None
    missing = np.zeros(filled.shape, dtype=np.bool_)
    positions = np.arange(filled.shape[-1])
    for index in np.ndindex(filled.shape[:-1]):
        good = finite[index]
        if good.all():
            continue
        if not good.any():
            filled[index], missing[index] = 0.0, True
            continue
        filled[index][~good] = np.interp(positions[~good], positions[good], filled[index][good])
        edges = np.flatnonzero(np.diff(good, prepend=True, append=True))
        for start, stop in edges.reshape(-1, 2):
            missing[index][start:stop] = stop - start > max_gap
    return filled, missing if missing.any() else None


@lru_cache(maxsize=64)
def _sections(low: float, high: float | None, rate: float, order: int) -> tuple[Float, Float, int]:
    """Second-order sections, their steady state for a unit step, and the samples of odd extension at each end."""
    from scipy.signal import butter, sosfilt_zi  # half a second to import: only where a band-pass is wanted

    if high is None:
        sos = butter(order, low, "highpass", fs=rate, output="sos")
    else:
        sos = butter(order, (low, high), "bandpass", fs=rate, output="sos")
    taps = 2 * len(sos) + 1 - min(int((sos[:, 2] == 0).sum()), int((sos[:, 5] == 0).sum()))
    return np.asarray(sos), np.asarray(sosfilt_zi(sos)), 3 * taps


def bandpass(signal: ArrayLike, rate: float, low: float, high: float, order: int = 4) -> Float:
    """Band-pass (..., n) between `low` and `high` Hz: Butterworth, forwards and backwards, so without phase shift.

    The corners are therefore down by 6 dB, not 3. Equal to `scipy.signal.sosfiltfilt` with its default odd extension
    (shortened for a signal shorter than that), but the coefficients are kept between calls. Where `high` is at
    or above 0.98 of the Nyquist frequency there is nothing left to cut and only the high-pass at `low` is applied.
    Raises PreprocessingError where `low` is not below that limit either, or the corners are not 0 < low < high.
    """
    from scipy.signal import sosfilt

    if not (np.isfinite(rate) and rate > 0):
        raise PreprocessingError(f"{rate:g} Hz is no sampling rate. Give a positive number of samples a second.")
    if not 0 < low < high < np.inf:
        raise PreprocessingError(f"A band-pass from {low:g} to {high:g} Hz is impossible. Give 0 < low < high.")
    limit = NYQUIST_MARGIN * rate / 2
    if low >= limit:
        raise PreprocessingError(
            f"A band-pass from {low:g} Hz leaves nothing of a recording at {rate:g} Hz. Lower its first corner."
        )
    sos, steady, padding = _sections(float(low), float(high) if high < limit else None, float(rate), order)
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


def moving_median(signal: ArrayLike, size: int) -> Float:
    """Return the median of each sample's window of `size` (odd) samples in (..., n), the borders mirrored.

    Mirrored as `d c b a | a b c d | d c b a`, scipy's mode "reflect".
    """
    if size < 1 or size % 2 == 0:
        raise PreprocessingError(f"A moving median over {size} samples has no centre. Give an odd number.")
    x = np.asarray(signal, dtype=np.float64)
    n, half = x.shape[-1], size // 2
    # scipy 1.17 extends wrongly where the window reaches over a short signal several times; numpy's padding does not.
    edge = half if half >= n else 0
    rows = np.pad(x.reshape(-1, n), ((0, 0), (edge, edge)), mode="symmetric") if edge else x.reshape(-1, n)
    medians = np.empty_like(rows)
    for row, median in zip(rows, medians, strict=True):
        # One row at a time takes scipy's sliding-window path, some thirty times faster than its n-dimensional one.
        ndimage.median_filter(row, size=size, mode="reflect", output=median)
    return medians[:, edge : edge + n].reshape(x.shape)


def clip_quantiles(signal: ArrayLike, quantile: float, margin: float, missing: Mask | None = None) -> Float:
    """Clip each row of (..., n) to [q - margin·(Q - q), Q + margin·(Q - q)], q and Q its outer quantiles.

    q is the value `quantile` of the way up the sorted row and Q the one as far from the top: the nearest sample, not
    interpolated. Samples marked `missing` do not count for the quantiles.
    """
    x = np.asarray(signal, dtype=np.float64)
    probabilities = (quantile, 1 - quantile)
    if missing is None:
        low, high = np.quantile(x, probabilities, axis=-1, keepdims=True, method="nearest")
    else:
        low, high = np.zeros((2, *x.shape[:-1], 1))
        for index in np.ndindex(x.shape[:-1]):
            known = x[index][~missing[index]]
            if known.size:
                low[index], high[index] = np.quantile(known, probabilities, method="nearest")
    reach = margin * (high - low)
    return np.clip(x, low - reach, high + reach)


def standardise(signal: ArrayLike, together: bool = False, missing: Mask | None = None) -> Float:
    """Subtract the mean of each row of (..., n) and divide by its standard deviation (population, ddof 0).

    With `together`, one mean and deviation for all rows of the last two axes (a recording). What is flat
    (deviation <= FLAT) becomes zeros. Samples marked `missing` do not count and come back as zero.
    """
    x = np.asarray(signal, dtype=np.float64)
    axes = (-2, -1) if together else (-1,)
    if missing is None:
        centred = x - x.mean(axis=axes, keepdims=True)
        count: Float | int = int(np.prod([x.shape[axis] for axis in axes]))
    else:
        count = np.maximum((~missing).sum(axis=axes, keepdims=True), 1).astype(np.float64)
        mean = np.where(missing, 0.0, x).sum(axis=axes, keepdims=True) / count
        centred = np.where(missing, 0.0, x - mean)
    deviation = np.sqrt((centred**2).sum(axis=axes, keepdims=True) / count)
    flat = deviation <= FLAT
    return np.where(flat, 0.0, centred / np.where(flat, 1.0, deviation))
