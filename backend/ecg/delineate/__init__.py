"""Onsets, peaks and offsets of P, QRS and T of every beat, over all leads together or in one lead.

QRS is where the leads move fast together (the spatial velocity), up to where they come to rest on either side. It is
then cut out, and P and T are looked for in what is left (`delineate_waves`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.ecg.beats import Beats, r_peaks_batch
from backend.ecg.delineate.filters import Float32, transform
from backend.ecg.delineate.qrs import qrs_ends, spatial_velocity, usual_beats, without_qrs
from backend.ecg.delineate.waves import P_HZ, T_HZ, p_waves, t_waves
from backend.ecg.filters import FLAT, fill_gaps
from backend.ecg.leads import LEADS

WAVES = (
    "p_onset", "p_peak", "p_offset", "qrs_onset", "r_peak", "qrs_offset", "t_onset", "t_peak", "t_offset",
)  # fmt: skip

_QRS_LOW_PASS, _WAVE_LOW_PASS = 35.0, 12.0  # Hz
_LARGEST = 1e6  # mV; beyond it squares leave float32


@dataclass(frozen=True, slots=True, eq=False)
class Delineation:
    """The waves of each beat: `points[name]`, name of WAVES, is (n_beats,) in samples at `rate` Hz, NaN where none.

    `usual` (n_beats,) marks the beats whose QRS has the shape that most have: extrasystoles are not among them.
    """

    rate: float
    beats: Beats
    points: dict[str, NDArray[np.float64]]
    usual: NDArray[np.bool_]


def delineate(signal: ArrayLike, rate: float, beats: Beats | None = None) -> Delineation:
    """Return the waves of each beat of a recording (12, n) in mV at `rate` Hz, over all leads together.

    `beats` are found where not given. NaN in the signal marks missing samples; never raises for its content.
    Raises ValueError for another shape.
    """
    return delineate_batch(np.asarray(signal)[np.newaxis], rate, None if beats is None else [beats])[0]


def delineate_batch(signals: ArrayLike, rate: float, beats: Sequence[Beats] | None = None) -> list[Delineation]:
    """Return the waves of each recording of a batch (b, 12, n); equal to `delineate` one by one."""
    x = np.asarray(signals)
    if x.ndim != 3 or x.shape[1] != len(LEADS):
        raise ValueError(f"Signals of shape {x.shape} cannot be delineated: give (b, {len(LEADS)}, n).")
    peaks = r_peaks_batch(x, rate) if beats is None else beats
    return [_delineate(one[[LEADS.index(lead) for lead in b.leads]], rate, b) for one, b in zip(x, peaks, strict=True)]


def delineate_lead(lead: ArrayLike, rate: float, beats: Beats) -> Delineation:
    """Return the waves of each of `beats` in one lead (n,) in mV; `r_peak` is the lead's own largest deflection."""
    return _delineate(np.asarray(lead)[np.newaxis], rate, beats)


def _delineate(leads: NDArray[np.generic], rate: float, beats: Beats) -> Delineation:
    """Delineate the leads (k, n) together."""
    x = _finite(leads)
    points = {name: np.full(len(beats), np.nan) for name in WAVES}
    if not len(beats) or not x.size or not np.ptp(x, axis=1).max() > FLAT:
        return Delineation(rate, beats, points, np.zeros(len(beats), np.bool_))
    whole = transform(x, rate)
    hz = whole.hz
    r = np.minimum(np.rint(beats.samples * (hz / rate)).astype(np.intp), whole.m - 1)
    onset, offset = qrs_ends(spatial_velocity(whole.slope(_QRS_LOW_PASS)), r, hz)
    level = whole.level(_QRS_LOW_PASS)
    usual = usual_beats(level, r, hz)
    rest = transform(without_qrs(level, onset, offset), hz)
    smooth = rest.level(_WAVE_LOW_PASS)
    t = t_waves(smooth, rest.bend(T_HZ), r, offset, hz)
    p = p_waves(smooth, rest.bend(P_HZ), onset, t[2], usual, hz)
    for name, at in zip(WAVES, (*p, onset, r, offset, *t), strict=True):
        points[name] = np.minimum(at * (rate / hz), x.shape[1] - 1)
    points["r_peak"] = beats.samples.astype(np.float64)
    if len(x) == 1:
        points["r_peak"] = _largest(x[0], points["qrs_onset"], points["qrs_offset"], points["r_peak"])
    return Delineation(rate, beats, points, usual)


def _finite(leads: NDArray[np.generic]) -> Float32:
    with np.errstate(over="ignore"):
        x = leads.astype(np.float32)
    if not np.abs(x).max(initial=0) <= _LARGEST:
        x = fill_gaps(np.where(np.isfinite(x), x, np.nan), np.inf)[0].clip(-_LARGEST, _LARGEST).astype(np.float32)
    return x


def _largest(
    lead: Float32, onset: NDArray[np.float64], offset: NDArray[np.float64], otherwise: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The sample of the largest deflection of one lead (n,) from the line between the ends of each QRS."""
    peaks = otherwise.copy()
    for i, (first, last) in enumerate(zip(onset, offset, strict=True)):
        if np.isfinite(first + last):
            a, b = round(first), round(last)
            peaks[i] = a + np.abs(lead[a : b + 1] - np.linspace(lead[a], lead[b], b - a + 1)).argmax()
    return peaks
