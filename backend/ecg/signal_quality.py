"""How usable each lead of an ECG is, as an index from 0 to 1 with reasons, and the recording as a whole.

The index of a lead is the worst of what is measured: share of dead or missing time, amplitude, drift, noise, and how
much its beats are alike (the template index of Orphanidou et al., IEEE J Biomed Health Inform 2015;19:832).
docs/signal.md says on which recordings the limits were set.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import uniform_filter1d

from backend.ecg.beats import r_peaks
from backend.ecg.filters import fill_gaps
from backend.ecg.leads import LEADS

BAD, FAIR = 0.3, 0.6
"""A lead below BAD is of no use, one below FAIR of limited use."""

MAX_BAD = 5
"""With more bad leads than this, a recording is unusable."""

_HZ = 125.0
_BEAT_MV = 0.1  # a lead at right angles to the heart's axis shows less than this of each beat: it cannot be alike
_DEAD_MV = 0.01  # a second that spans less holds no ECG
_BEFORE_S, _AFTER_S = 0.25, 0.40  # a beat, around R
_LIMITS: Mapping[str, tuple[float, float, str]] = {  # index 1 up to the first value, 0 from the second
    "dead": (0.0, 0.5, "no signal for {value:.0%} of the time"),
    "span": (8.0, 20.0, "spans {value:.3g} mV, more than any ECG"),
    "wander": (2.0, 6.0, "the baseline wanders by {value:.2g} mV"),
    "noise": (15.0, 60.0, "noise of {value:.0f} µV"),
    "unlike": (0.2, 0.8, "its beats are not alike"),
}

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LeadQuality:
    """One lead: `index` from 0 (of no use) to 1, and in plain words what is wrong where it is below FAIR."""

    index: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quality:
    """Of each lead, by name, and `overall`, with the reasons where that is not "usable"."""

    leads: Mapping[str, LeadQuality]
    overall: Literal["usable", "doubtful", "unusable"]
    reasons: tuple[str, ...] = ()


def assess(signal: ArrayLike, rate: float, *, peaks: ArrayLike | None = None, missing: Collection[str] = ()) -> Quality:
    """Judge a recording (12, n) in mV at `rate` Hz; NaN marks missing samples. `peaks` saves searching for R peaks.

    A recording is doubtful with a bad lead or three of limited use, unusable with more than MAX_BAD bad leads (or half
    of those there are) or without beats. The leads that a partial recording lacks, `missing`, are not judged. Odd
    signals raise nothing.
    """
    x = np.asarray(signal, dtype=np.float32)
    at = r_peaks(x, rate).samples if peaks is None else np.asarray(peaks, dtype=np.intp)
    measured = _measure(x, rate, at)
    leads = {lead: _lead({name: float(values[i]) for name, values in measured.items()}) for i, lead in enumerate(LEADS)}
    leads = {lead: quality for lead, quality in leads.items() if lead not in missing}
    bad = [lead for lead, quality in leads.items() if quality.index < BAD]
    fair = [lead for lead, quality in leads.items() if BAD <= quality.index < FAIR]
    if at.size < 2:
        return Quality(leads, "unusable", ("No heartbeats stand out.",))
    reasons = tuple(f"{lead}: {', '.join(leads[lead].reasons)}." for lead in leads if lead in (*bad, *fair))
    if len(bad) > min(MAX_BAD, len(leads) // 2):
        return Quality(leads, "unusable", reasons)
    return Quality(leads, "doubtful", reasons) if bad or len(fair) > 2 else Quality(leads, "usable")


def disturbances(signal: NDArray[np.float32], rate: float) -> tuple[Float, Float]:
    """Return noise in µV and drift in mV of each lead (12, n); NaN counts as the nearest known samples.

    Noise is the median distance of a sample from the mean of itself and its neighbours at about 125 Hz: the quick QRS
    complexes do not reach the median. Drift is what the mean over a second spans.
    """
    small, hz = _reduced(signal, rate)
    return _noise(small), np.ptp(_moving_mean(small, max(1, round(hz))), axis=1)


def disturbed(
    signal: NDArray[np.float32], rate: float, noise_uv: float, wander_mv: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which leads (12, n) have more noise than `noise_uv`, and which more drift than `wander_mv`.

    The same as comparing what `disturbances` returns, without looking for the median or the drift where it is plain
    from less that they stay below.
    """
    small, hz = _reduced(signal, rate)
    wander = np.ptp(small, axis=1) > wander_mv  # a mean never spans more than what it is the mean of
    if wander.any():
        wander = np.ptp(_moving_mean(small, max(1, round(hz))), axis=1) > wander_mv
    if small.shape[1] < 3:
        return np.zeros(len(small), np.bool_), wander
    above = np.count_nonzero(1000 / 3 * _unevenness(small) > noise_uv, axis=1)
    half = (small.shape[1] - 2) // 2
    return above >= small.shape[1] - 2 - half, wander


def _measure(x: NDArray[np.float32], rate: float, peaks: NDArray[np.intp]) -> dict[str, Float]:
    small, hz = _reduced(x, rate)
    second = max(2, round(hz))
    drift = _moving_mean(small, second)
    n = small.shape[1] // second * second or small.shape[1]
    seconds = small[:, :n].reshape(len(LEADS), -1, min(second, n))
    dead = (np.ptp(seconds, axis=2) < _DEAD_MV).mean(axis=1)
    return {
        "dead": np.maximum(dead, np.isnan(x).mean(axis=1)),
        "span": np.ptp(small, axis=1),
        "wander": np.ptp(drift, axis=1),
        "noise": _noise(small),
        "unlike": 1 - _alikeness(small - drift, np.rint(peaks * (hz / rate)).astype(np.intp), hz),
    }


def _lead(measured: Mapping[str, float]) -> LeadQuality:
    index, reasons = 1.0, []
    for name, (good, bad, words) in _LIMITS.items():
        value = measured[name]
        own = float(np.clip((bad - value) / (bad - good), 0, 1))
        if own < FAIR:
            reasons.append(words.format(value=value))
        if name == "dead" and own < BAD:  # what else is wrong with a lead that is off is no news
            return LeadQuality(own, tuple(reasons))
        index = min(index, own)
    return LeadQuality(index, tuple(reasons))


def _reduced(signal: NDArray[np.float32], rate: float) -> tuple[Float, float]:
    """Means over neighbouring samples (12, m) at about 125 Hz without gaps, and their rate."""
    every = max(1, min(round(rate / _HZ), signal.shape[1]))
    n = signal.shape[1] // every * every
    small = signal[:, :n:every].astype(np.float64)
    for offset in range(1, every):
        small += signal[:, offset:n:every]
    small /= every
    return small if np.isfinite(small).all() else fill_gaps(small, np.inf)[0], rate / every


def _moving_mean(x: Float, width: int) -> Float:
    """Mean of `width` samples around each, the ends held."""
    return np.asarray(uniform_filter1d(x, width, axis=1, mode="nearest"), dtype=np.float64)


def _noise(x: Float) -> Float:
    if x.shape[1] < 3:
        return np.zeros(len(x))
    distance = _unevenness(x)
    half = distance.shape[1] // 2  # the upper of two medians: np.median, which takes their mean, takes twice the time
    return 1000 / 3 * np.partition(distance, half, axis=1)[:, half]


def _unevenness(x: Float) -> Float:
    bend = 2 * x[:, 1:-1]
    bend -= x[:, :-2]
    bend -= x[:, 2:]
    return np.abs(bend, out=bend)


def _alikeness(x: Float, at: NDArray[np.intp], hz: float) -> Float:
    """Median correlation (12,) of the beats of each lead (12, m), R peaks `at`, with their median; 0 below three.

    1 for a lead whose median beat spans less than _BEAT_MV: what is alike in it drowns in any noise.
    """
    before, after = round(_BEFORE_S * hz), round(_AFTER_S * hz)
    at = at[(at >= before) & (at < x.shape[1] - after)]
    if at.size < 3:
        return np.zeros(len(x))
    beats = x[:, at[:, np.newaxis] + np.arange(-before, after)]
    beats = beats - beats.mean(axis=2, keepdims=True)
    typical = np.median(beats, axis=1, keepdims=True)
    typical = typical - typical.mean(axis=2, keepdims=True)
    size = np.sqrt((beats**2).sum(axis=2) * (typical**2).sum(axis=2))
    alike = np.median((beats * typical).sum(axis=2) / np.maximum(size, 1e-12), axis=1)
    return np.where(np.ptp(typical, axis=2)[:, 0] < _BEAT_MV, 1.0, alike)
