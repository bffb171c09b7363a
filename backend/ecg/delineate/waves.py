"""P and T waves, in leads out of which QRS was cut (`delineate_qrs.without_qrs`).

Each wave is first sought in the mean of the usual beats, over all leads; then in each beat, in the mix of leads in
which it is largest. It begins and ends where the area between the signal and its level there is largest (the T end of
Zhang et al. 2006, doi:10.1109/TBME.2006.884644: robust against noise and drift).
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from backend.ecg.delineate.filters import Float, Float32, Index, around

Points = tuple[Float, Float, Float]  # onset, peak, offset (n,) in samples of the work, NaN where there is none

P_HZ, T_HZ = 8.0, 4.5
"""Centre frequencies of the Mexican hats that P and T answer to."""

_T_REACH_S, _T_RR, _T_LAST_S = 0.60, 0.72, 0.70  # T ends before 72 % of the interval and 700 ms after R
_T_CORNER_S, _T_SAY, _T_LATE = 0.14, 0.25, 0.75
_P_REACH_S, _P_CORNER_S = (-0.36, -0.02), 0.06  # peaks before QRS
_P_LATEST, _P_COHERENT, _P_PRESENT = 0.35, 2.3, 0.35
_P_NOISE_MV = 0.01
_CORNER = 0.7


def t_waves(smooth: Float32, bend: Float32, r: Index, offset: Float, hz: float) -> Points:
    """Return onset, peak and offset of T after QRS offset (n,), in smooth leads and their bends at T_HZ (k, m)."""
    start = np.where(np.isnan(offset), r + 0.06 * hz, offset).astype(np.intp)
    rr = np.diff(r, append=r[-1])
    rr[-1] = np.median(rr[:-1]) if len(r) > 1 else hz
    last = np.minimum(r + np.minimum(_T_RR * rr, _T_LAST_S * hz), smooth.shape[1] - 1)
    windows, offsets = around(smooth, start, 0, _T_REACH_S, hz)
    valid = (start[:, np.newaxis] + offsets <= last[:, np.newaxis]) & (offsets >= 0.05 * hz)
    count = valid.sum(axis=0)
    mean = np.where(valid, around(bend, start, 0, _T_REACH_S, hz)[0], 0).sum(axis=1) / np.maximum(count, 1)
    strength = (mean**2).sum(axis=0) * (count > 0.5 * count.max())
    at = int(strength.argmax())
    if not strength[at] > 0:
        return _nowhere(r)
    usual = mean[:, at]  # (k,)
    wave = np.einsum("k,knw->nw", usual, windows)
    near = valid & (np.abs(offsets - at) <= 0.1 * hz)
    peak = np.where(near, wave, -np.inf).argmax(axis=1)
    distance = offsets - peak[:, np.newaxis]
    after = valid & (distance > 0.02 * hz) & (distance <= 0.20 * hz)
    before = (offsets >= 0.02 * hz) & (distance < -0.02 * hz)
    # The leads do not end together: each with a T of some size has a say, and late is right.
    large = np.abs(usual) >= _T_SAY * np.abs(usual).max()
    signed = (windows[large] * np.sign(usual[large])[:, np.newaxis, np.newaxis]).reshape(-1, offsets.size)
    corner, leads = round(_T_CORNER_S * hz), (int(large.sum()), 1)
    late = int(_T_LATE * (leads[0] - 1))
    ends = np.sort(_end(signed, np.tile(after, leads), corner).reshape(-1, len(r)), axis=0)[late]
    starts = np.sort(_begin(signed, np.tile(before, leads), corner).reshape(-1, len(r)), axis=0)[-1 - late]
    there = near.any(axis=1)
    return _where(there, start + starts), _where(there, start + peak), _where(there, start + ends)


def p_waves(
    smooth: Float32, bend: Float32, onset: Float, t_offset: Float, usual: NDArray[np.bool_], hz: float
) -> Points:
    """Return onset, peak and offset of P before QRS onset (n,), in smooth leads and their bends at P_HZ (k, m).

    P keeps its place before QRS from beat to beat; the waves of fibrillation do not, so that nothing is found. That
    takes three `usual` beats.
    """
    known = np.isfinite(onset)
    qrs = np.where(known, onset, 0).astype(np.intp)
    windows, offsets = around(bend, qrs, *_P_REACH_S, hz)
    t_end = np.concatenate(([0.0], np.nan_to_num(t_offset[:-1]))) + 0.03 * hz
    free = known[:, np.newaxis] & (qrs[:, np.newaxis] + offsets > t_end[:, np.newaxis])
    counted = free & usual[:, np.newaxis]
    count = counted.sum(axis=0)
    share = counted / np.maximum(count, 1)
    mean = (windows * share).sum(axis=1)
    spread = ((windows - mean[:, np.newaxis]) ** 2 * share).sum(axis=1)
    weight = mean / (spread + _P_NOISE_MV**2)
    strength = (mean * weight).sum(axis=0) * ((count >= 3) & (count > 0.5 * count.max()))
    at = _last_peak(strength, round(0.1 * hz))
    if at is None:
        return _nowhere(onset)
    mix = weight[:, at] / np.linalg.norm(weight[:, at])
    mixed = np.einsum("k,knw->nw", mix, windows)
    height = float(share[:, at] @ mixed[:, at])
    if not height**2 > _P_COHERENT * float(share[:, at] @ (mixed[:, at] - height) ** 2):
        return _nowhere(onset)
    near = np.where(free & (np.abs(offsets - offsets[at]) <= 0.04 * hz), mixed, -np.inf)
    peak = offsets[near.argmax(axis=1)]
    there = near.max(axis=1) >= _P_PRESENT * height
    wave, offsets = around(np.einsum("k,km->m", mix, smooth), qrs, _P_REACH_S[0] - 0.12, 0, hz)
    distance = offsets - peak[:, np.newaxis]
    flank = (np.abs(distance) > 0.015 * hz) & (np.abs(distance) <= 0.11 * hz)
    first = qrs + offsets[0]
    corner = round(_P_CORNER_S * hz)
    starts, ends = (
        first + _begin(wave, flank & (distance < 0), corner),
        first + _end(wave, flank & (distance > 0), corner),
    )
    there &= starts >= 0
    return _where(there, starts), _where(there, qrs + peak), _where(there, ends)


def _last_peak(strength: Float, apart: int) -> int | None:
    """Return the last of the strong local maxima: an earlier one may be the end of T. Side lobes are none."""
    peaks = np.zeros_like(strength)
    inner = strength[1:-1]
    peaks[1:-1] = np.where((inner >= strength[:-2]) & (inner > strength[2:]), inner, 0)
    highest = ndimage.maximum_filter1d(peaks, 2 * apart + 1)
    strong = np.flatnonzero((peaks == highest) & (peaks > _P_LATEST * peaks.max()))
    return int(strong[-1]) if strong.size else None


def _end(wave: Float32, where: NDArray[np.bool_], width: int) -> Float:
    """Where a positive wave (n, w) ends within `where`: the most area over its level in the `width` samples before.

    Of corners nearly as good the one nearest to the peak is taken: a U wave or drift lies behind. NaN without `where`.
    """
    w = wave.shape[1]
    total = np.zeros((len(wave), w + 1))
    np.cumsum(wave, axis=1, out=total[:, 1:])
    i = np.arange(w)
    low = np.maximum(i - width, 0)
    area = np.where(where, total[:, i + 1] - total[:, low] - wave * (i + 1 - low), -np.inf)
    most = area.max(axis=1, keepdims=True)
    good = area >= np.where(most > 0, _CORNER * most, most)
    good[:, 1:-1] &= (area[:, 1:-1] >= area[:, :-2]) & (area[:, 1:-1] >= area[:, 2:])
    good |= area == most
    return np.where(where.any(axis=1), good.argmax(axis=1), np.nan)


def _begin(wave: Float32, where: NDArray[np.bool_], width: int) -> Float:
    """Where it begins: the same in the mirror."""
    mirrored = _end(wave[:, ::-1], where[:, ::-1], width)
    return np.asarray(wave.shape[1] - 1 - mirrored)


def _where(there: NDArray[np.bool_], at: NDArray[np.number]) -> Float:
    return np.where(there, at, np.nan)


def _nowhere(like: NDArray[np.number]) -> Points:
    nothing = np.full(len(like), np.nan)
    return nothing, nothing, nothing
