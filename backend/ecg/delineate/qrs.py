"""Where QRS begins and ends, and which beats look alike."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from backend.ecg.delineate.filters import Float, Float32, Index, around
from backend.ecg.filters import FLAT

_REACH_S = (0.16, 0.24)  # before and after the R peak
_CORE_S, _FAST_S = 0.10, 0.13
_CALM_S = ((-0.25, -0.05), (0.06, 0.30))  # where it is calm before and after QRS
_REST = (0.018, 0.04)  # at rest: this share of the way from calm to fastest
_REST_S = 0.014
_SLOWLY_S = 0.020
_ALIKE = 0.9


def spatial_velocity(slope: Float32) -> Float32:
    """Return how fast the leads (k, m) move together (m,), in mV/s; leads much noisier than the others do not count."""
    if len(slope) == 1:
        return np.asarray(np.abs(slope[0]))
    noise = np.median(np.abs(slope[:, ::16]), axis=1)
    quiet = noise <= 3 * np.median(noise) + FLAT
    return np.asarray(np.sqrt((slope[quiet] ** 2).sum(axis=0)))


def qrs_ends(velocity: Float32, r: Index, hz: float) -> tuple[Float, Float]:
    """Return onset and offset of QRS (n,): where, from the fast part outwards, the leads first come to rest."""
    windows, offsets = around(velocity, r, -_REACH_S[0], _REACH_S[1], hz)
    fastest = np.where(np.abs(offsets) <= _CORE_S * hz, windows, 0).max(axis=1)
    smooth = ndimage.uniform_filter1d(velocity, max(1, round(0.02 * hz)))
    length = max(2, round(_REST_S * hz))
    ends = []
    for side, share, reach in zip((-1, 1), _REST, _CALM_S, strict=True):
        quiet = np.sort(around(smooth, r, *reach, hz)[0], axis=1)
        calm = quiet[:, quiet.shape[1] // 10]
        outward = windows[:, offsets * side >= 0][:, ::side]
        fast = (outward > 0.3 * fastest[:, np.newaxis])[:, : round(_FAST_S * hz)]
        start = np.where(fast.any(axis=1), fast.shape[1] - 1 - fast[:, ::-1].argmax(axis=1), 0)
        near, far = (
            _first_rest(outward, calm + limit * (fastest - calm), start, length) for limit in (2 * share, share)
        )
        # Where rest comes slowly, P, ST or noise is next to QRS.
        end = r + side * np.where(far - near <= _SLOWLY_S * hz, far, near)
        end[(end < 0) | (end > velocity.size - 1)] = np.nan
        ends.append(end)
    return ends[0], ends[1]


def _first_rest(outward: Float32, limit: Float32, start: Index, length: int) -> Float:
    """Where each row of (n, w) is first, after `start`, below its limit for `length` samples; NaN if nowhere."""
    still = np.lib.stride_tricks.sliding_window_view(outward < limit[:, np.newaxis], length, axis=1).all(axis=2)
    still &= np.arange(still.shape[1]) > start[:, np.newaxis]
    return np.where(still.any(axis=1), still.argmax(axis=1), np.nan)


def without_qrs(level: Float32, onset: Float, offset: Float) -> Float32:
    """Return the leads (k, m) with a straight line in place of each QRS."""
    cut = level.copy()
    for first, last in zip(onset, offset, strict=True):
        if np.isfinite(first + last):
            a, b = int(first), int(last)
            cut[:, a : b + 1] = np.linspace(cut[:, a], cut[:, b], b - a + 1, axis=1)
    return cut


def usual_beats(level: Float32, r: Index, hz: float) -> NDArray[np.bool_]:
    """Return which beats (n,) have the shape that most have: their QRS correlates with it by more than 0.9."""
    shape = around(level, r, -0.06, 0.08, hz)[0].swapaxes(0, 1)  # (n, k, w)
    shape = (shape - shape.mean(axis=2, keepdims=True)).reshape(len(r), -1)
    shape /= np.linalg.norm(shape, axis=1, keepdims=True) + FLAT
    some = shape[:: max(1, len(r) // 200)]  # a long recording shall not need n² memory
    alike = (shape @ some.T > _ALIKE).sum(axis=0)
    return np.asarray(shape @ some[alike.argmax()] > _ALIKE)
