"""Spikes of a pacemaker: peaks far narrower than any wave of the heart."""

import numpy as np
from numpy.typing import NDArray

LEAST_HZ = 400.0
"""Below this rate a spike is a sample or less and cannot be told from QRS."""

LEAST_MV = 0.25
ABOVE_NOISE = 30.0
"""A spike bends the leads this many times as much as they usually bend from sample to sample."""

_ARM_S = 0.004  # a spike is back at the level it came from within this time on either side
_AROUND_S = 0.02
_NARROW = 0.55  # share of the change around it that is the spike's own
_CANDIDATES = 60


def pacing_spikes(signal: NDArray[np.float32], rate: float) -> NDArray[np.intp]:
    """Return the samples of narrow spikes in (leads, n) in mV, sorted; none below LEAST_HZ. NaN takes part nowhere.

    A spike stands out of its neighbours 4 ms before and after by most of what the leads change within 20 ms around it;
    QRS, even a steep one, by a fifth at most.
    """
    arm, around = round(_ARM_S * rate), round(_AROUND_S * rate)
    n = signal.shape[1]
    none = np.empty(0, np.intp)
    if rate < LEAST_HZ or n < 4 * around:
        return none
    middle = signal[:, arm:-arm]
    bend = 2 * middle
    bend -= signal[:, : -2 * arm]
    bend -= signal[:, 2 * arm :]
    np.abs(bend, out=bend)  # twice the spike
    total = bend.sum(axis=0)
    if not np.isfinite(total.max()):
        total = np.nan_to_num(total)
    if not total.max() > 4 * LEAST_MV:
        return none
    high = np.flatnonzero(total > max(ABOVE_NOISE * float(np.median(total[::4])), 4 * LEAST_MV))
    if not high.size:
        return none
    apart = np.flatnonzero(np.diff(high, prepend=-n) > around)  # the first sample of each group
    peaks = np.array([group[total[group].argmax()] for group in np.split(high, apart[1:])[: 4 * _CANDIDATES]])
    peaks = peaks[np.argsort(-total[peaks])[:_CANDIDATES]]
    peaks = peaks[(peaks >= around) & (peaks < n - around - 2 * arm)]
    if not peaks.size:
        return none
    windows = signal[:, (peaks + arm)[:, np.newaxis] + np.arange(-around, around + 1)]
    change = np.nan_to_num(windows.max(axis=2) - windows.min(axis=2))
    own = np.nan_to_num(bend[:, peaks]) / 2
    narrow = (own.sum(axis=0) > _NARROW * change.sum(axis=0)) & (own.max(axis=0) > LEAST_MV)
    return np.sort(peaks[narrow] + arm).astype(np.intp)
