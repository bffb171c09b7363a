"""Filters along the last axis of (..., n): gaps, moving medians, clipping, scaling; `zero_phase` has the others.

Each row (a lead) is treated on its own, so the leading axes may be leads, recordings or both.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from backend.ecg.errors import PreprocessingError

FLAT = 1e-6
"""A lead whose standard deviation is not above this (1 nV for a signal in mV) is flat."""

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


def moving_median(signal: ArrayLike, size: int) -> Float:
    """Return the median of each sample's window of `size` (odd) samples in (..., n), the borders mirrored.

    Equal to `scipy.ndimage.median_filter` with mode "reflect": `d c b a | a b c d | d c b a`. Subtracted as a baseline,
    it keeps a wave that fills less than half of its window: QRS from 250 ms on, but ST and T only from about 1 s on,
    and then with an error that follows the heart rate. Raises PreprocessingError for an even size.
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


def two_stage_median(signal: ArrayLike, first: int, second: int) -> Float:
    """Return the baseline of (..., n): the moving median over `first` samples, and over `second` samples of that.

    With 200 and 600 ms the usual baseline of beat classifiers (de Chazal et al., IEEE Trans Biomed Eng 2004;51:1196):
    the first takes away QRS and P, the second T. What is left follows drift quickly, and a part of a raised or lowered
    ST segment with it.
    """
    return moving_median(moving_median(signal, first), second)


def clip_quantiles(signal: ArrayLike, quantile: float, margin: float, missing: Mask | None = None) -> Float:
    """Clip each row of (..., n) to [q - margin·(Q - q), Q + margin·(Q - q)], q and Q its outer quantiles.

    q is the value `quantile` of the way up the sorted row and Q the one as far from the top: the nearest sample, not
    interpolated. Samples marked `missing` do not count for the quantiles. With a margin of 1 or more the ST segment
    is not touched.
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
    (deviation <= FLAT) becomes zeros. Samples marked `missing` do not count and come back as zero. Shapes stay, but
    millimetres of ST no longer mean anything.
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


def min_max(signal: ArrayLike, missing: Mask | None = None) -> Float:
    """Map each recording (..., leads, n) from its lowest and highest sample to -1 and 1, all leads together.

    A flat recording becomes zeros. Samples marked `missing` do not count and come back as zero. ST levels keep their
    relation to the other waves of the recording, not their millivolts.
    """
    x = np.asarray(signal, dtype=np.float64)
    known = x if missing is None else np.where(missing, np.nan, x)
    if missing is not None:
        known = np.where(missing.all(axis=(-2, -1), keepdims=True), 0.0, known)
    low, high = np.nanmin(known, axis=(-2, -1), keepdims=True), np.nanmax(known, axis=(-2, -1), keepdims=True)
    flat = high - low <= FLAT
    scaled = np.where(flat, 0.0, 2 * (x - low) / np.where(flat, 1.0, high - low) - 1)
    return scaled if missing is None else np.where(missing, 0.0, scaled)
