"""The typical beat of a recording: the median of the beats that look alike, with its waves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.ecg.beats import Beats
from backend.ecg.delineate import WAVES, Delineation

Float = NDArray[np.float64]

_BEFORE_S, _AFTER_S = 0.40, 0.65
_MOST = 500
_ISOELECTRIC_S = (0.016, 0.004)  # before QRS


@dataclass(frozen=True, slots=True, eq=False)
class MedianBeat:
    """The typical beat: `signal` (12, m) in mV, zero just before QRS, R at sample `r_index`, `n_beats` taken.

    `delineation` holds its waves (one beat): the medians over the beats taken, relative to R. Samples are NaN where
    no beat reaches, or the lead is missing.
    """

    signal: Float
    r_index: int
    n_beats: int
    delineation: Delineation


def median_beat(signal: ArrayLike, rate: float, delineation: Delineation) -> MedianBeat:
    """Return the median of the usual beats of a recording (12, n) in mV, aligned at R.

    The beat reaches from 400 ms before R to 650 ms after it. Of a long recording, some 500 beats are taken.
    Raises ValueError where the delineation holds no beat.
    """
    beats = delineation.beats
    if not len(beats):
        raise ValueError("There is no median beat of a recording without beats.")
    x = np.asarray(signal, np.float64)
    taken = np.flatnonzero(delineation.usual) if delineation.usual.any() else np.arange(len(beats))
    taken = taken[:: max(1, taken.size // _MOST)]
    r = beats.samples[taken]
    before, after = round(_BEFORE_S * rate), round(_AFTER_S * rate)
    at = r[:, np.newaxis] + np.arange(-before, after + 1)
    inside = (at >= 0) & (at < x.shape[1])
    windows = np.where(inside, x[:, np.clip(at, 0, x.shape[1] - 1)], np.nan)  # (12, beats, m)
    windows[~np.isfinite(windows)] = np.nan
    relative = {name: delineation.points[name][taken] - r for name in WAVES}
    onset = relative["qrs_onset"]
    start = before + np.where(np.isfinite(onset), onset, -0.05 * rate).astype(np.intp)
    first, last = (np.clip(start - round(s * rate), 0, at.shape[1] - 1) for s in _ISOELECTRIC_S)
    level = np.stack([windows[:, i, a : b + 1].mean(axis=1) for i, (a, b) in enumerate(zip(first, last, strict=True))])
    level = np.where(np.isfinite(level), level, np.nan)
    typical = _nanmedian(windows - level.T[:, :, np.newaxis])
    points = {name: np.array([before + _nanmedian(values[np.newaxis])[0]]) for name, values in relative.items()}
    one = Beats(np.array([before], np.intp), rate, beats.leads)
    return MedianBeat(typical, before, taken.size, Delineation(rate, one, points, np.ones(1, np.bool_)))


def _nanmedian(values: Float) -> Float:
    """Median over axis 1 of (k, n, ...), NaN left out; NaN where at most half of the values are known."""
    ordered = np.sort(values, axis=1)  # NaN last
    known = np.isfinite(ordered).sum(axis=1, keepdims=True)
    low, high = np.maximum(known - 1, 0) // 2, np.minimum(known // 2, values.shape[1] - 1)
    middle = (np.take_along_axis(ordered, low, 1) + np.take_along_axis(ordered, high, 1))[:, 0] / 2
    return np.asarray(np.where(2 * known[:, 0] > values.shape[1], middle, np.nan))
