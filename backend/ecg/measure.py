"""Clinical measurements of a 12-lead ECG: rate, intervals, axes, ST levels and amplitudes.

Global intervals over all leads (AHA/ACCF/HRS recommendations of 2009, part IV, doi:10.1161/CIRCULATIONAHA.108.191096):
medians over the beats of the usual shape. They are measurements of a signal, not a diagnosis.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.ecg.beats import Beats, r_peaks
from backend.ecg.delineate import Delineation, delineate
from backend.ecg.leads import LEADS
from backend.ecg.median_beat import MedianBeat, median_beat

Float = NDArray[np.float64]
Reasons = dict[str, str]

_J_PLUS_S = 0.060
_INTERVALS_TO_VARY = 3
_AXIS_SHARE = 0.05
_AXES = {"p": ("p_onset", "p_offset"), "qrs": ("qrs_onset", "qrs_offset"), "t": ("qrs_offset", "t_offset")}
_INTERVALS = {
    "p_ms": ("p_onset", "p_offset"),
    "pr_ms": ("p_onset", "qrs_onset"),
    "qrs_ms": ("qrs_onset", "qrs_offset"),
    "qt_ms": ("qrs_onset", "t_offset"),
}


@dataclass(frozen=True, slots=True)
class RR:
    """The intervals between successive beats, in ms; `sd` is the sample standard deviation, 0 for one interval.

    `variation` is how far the longest is from the shortest, in % of the mean; None for fewer than three. It is a
    measurement and no verdict: about 10 % is usual at rest, more in sinus arrhythmia, ectopic beats and fibrillation.
    """

    mean: float
    sd: float
    min: float
    max: float
    variation: float | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """What is measured in a recording; None or a missing key where it cannot be, with `reasons[name]` in plain words.

    Heart rate in 1/min by the median interval; durations and intervals in ms; `qtc_ms` by "bazett", "fridericia",
    "framingham" and "hodges"; frontal axes in degrees from -180 to 180, by net areas in I and aVF; by lead in mV over
    the level just before QRS: `st_mv` 60 ms after the end of QRS, `r_mv` and `s_mv` the highest and the lowest point
    of QRS, `t_mv` the extreme of T.
    """

    heart_rate: float | None = None
    rr_ms: RR | None = None
    p_ms: float | None = None
    pr_ms: float | None = None
    qrs_ms: float | None = None
    qt_ms: float | None = None
    qtc_ms: Mapping[str, float] = field(default_factory=dict)
    p_axis: float | None = None
    qrs_axis: float | None = None
    t_axis: float | None = None
    st_mv: Mapping[str, float] = field(default_factory=dict)
    r_mv: Mapping[str, float] = field(default_factory=dict)
    s_mv: Mapping[str, float] = field(default_factory=dict)
    t_mv: Mapping[str, float] = field(default_factory=dict)
    n_beats: int = 0
    r_peaks_s: tuple[float, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)


def measure(signal: ArrayLike, rate: float, unit: str = "mV", delineation: Delineation | None = None) -> Measurement:
    """Measure a recording (12, n) in `unit` ("mV" or "arbitrary") at `rate` Hz; NaN marks missing samples.

    `delineation` is the recording's, if it is known already. Never raises for the content of the
    signal. Raises ValueError for another shape.
    """
    x = np.asarray(signal, np.float64)
    waves = delineate(x, rate, r_peaks(x, rate)) if delineation is None else delineation
    beats = waves.beats
    reasons: Reasons = {}
    if not len(beats):
        return Measurement(reasons={"heart_rate": beats.reason})
    typical = median_beat(x, rate, waves)
    heart_rate, rr = _rhythm(beats, reasons)
    p, pr, qrs, qt = (_interval(waves, name, reasons) for name in _INTERVALS)
    p_axis, qrs_axis, t_axis = (_axis(typical, wave, reasons) for wave in _AXES)
    st, r, s, t = _amplitudes(typical, unit, reasons)
    return Measurement(
        heart_rate=heart_rate,
        rr_ms=rr,
        p_ms=p,
        pr_ms=pr,
        qrs_ms=qrs,
        qt_ms=qt,
        qtc_ms=_corrected(qt, rr, reasons),
        p_axis=p_axis,
        qrs_axis=qrs_axis,
        t_axis=t_axis,
        st_mv=st,
        r_mv=r,
        s_mv=s,
        t_mv=t,
        n_beats=len(beats),
        r_peaks_s=tuple(beats.seconds.round(4).tolist()),
        reasons=reasons,
    )


def _rhythm(beats: Beats, reasons: Reasons) -> tuple[float | None, RR | None]:
    rr = beats.rr_ms
    if not rr.size:
        reasons["heart_rate"] = "There is only one beat."
        return None, None
    mean, shortest, longest = float(rr.mean()), float(rr.min()), float(rr.max())
    variation = 100 * (longest - shortest) / mean if rr.size >= _INTERVALS_TO_VARY else None
    if variation is None:
        reasons["rr_variation"] = "Four beats are needed to tell."
    return beats.heart_rate, RR(mean, float(rr.std(ddof=1)) if rr.size > 1 else 0.0, shortest, longest, variation)


def _interval(delineation: Delineation, name: str, reasons: Reasons) -> float | None:
    """Median in ms over the usual beats, if half of them have both ends."""
    first, last = (delineation.points[end][delineation.usual] for end in _INTERVALS[name])
    values = (last - first)[np.isfinite(last - first)] * (1000 / delineation.rate)
    if values.size and 2 * values.size >= first.size:
        return float(np.median(values))
    if name not in ("p_ms", "pr_ms"):
        reasons[name] = "Where it begins or ends is not to be told."
    elif first.size < 3:
        reasons[name] = "Three beats of one shape are needed to tell P waves from noise."
    else:
        reasons[name] = "No P wave keeps its place before QRS."
    return None


def _corrected(qt: float | None, rr: RR | None, reasons: Reasons) -> dict[str, float]:
    """QT in ms for a heart rate of 60 a minute, by the formulas of Bazett, Fridericia, Framingham and Hodges."""
    if qt is None or rr is None:
        reasons["qtc_ms"] = "It needs QT and two beats."
        return {}
    seconds = rr.mean / 1000
    return {
        "bazett": qt / seconds**0.5,
        "fridericia": qt / seconds ** (1 / 3),
        "framingham": qt + 154 * (1 - seconds),
        "hodges": qt + 1.75 * (60 / seconds - 60),
    }


def _span(typical: MedianBeat, first: str, last: str) -> slice | None:
    points = typical.delineation.points
    a, b = float(points[first][0]), float(points[last][0])
    return slice(max(round(a), 0), round(b) + 1) if np.isfinite(a + b) and b > a else None


def _axis(typical: MedianBeat, wave: str, reasons: Reasons) -> float | None:
    """Frontal axis in degrees by the net areas of a wave in I and aVF (whose unit is shorter by sqrt(3)/2)."""
    name = f"{wave}_axis"
    span = _span(typical, *_AXES[wave])
    one, avf = (typical.signal[LEADS.index(lead)] for lead in ("I", "aVF"))
    if span is None or not np.isfinite(one[span].sum() + avf[span].sum()):
        reasons[name] = "The wave was not found." if span is None else "I or aVF is missing."
        return None
    waves = np.stack([one[span], avf[span] * (2 / np.sqrt(3))])
    if wave == "p":  # on the end of T or the slope to QRS
        waves = waves - np.linspace(waves[:, 0], waves[:, -1], waves.shape[1], axis=1)
    x, y = waves.sum(axis=1)
    if not np.hypot(x, y) > _AXIS_SHARE * np.abs(waves).sum():
        reasons[name] = "What goes up and down in I and aVF cancels out."
        return None
    return float(np.degrees(np.arctan2(y, x)))


def _amplitudes(typical: MedianBeat, unit: str, reasons: Reasons) -> tuple[dict[str, float], ...]:
    """By lead in mV: ST at J + 60 ms, highest and lowest point of QRS, extreme of T."""
    st: dict[str, float] = {}
    r, s, t = dict(st), dict(st), dict(st)
    qrs, t_wave = _span(typical, "qrs_onset", "qrs_offset"), _span(typical, "t_onset", "t_offset")
    if unit != "mV" or qrs is None:
        why = "The recording has no scale in mV." if unit != "mV" else "Where QRS begins or ends is not to be told."
        reasons.update(dict.fromkeys(("st_mv", "r_mv", "s_mv", "t_mv"), why))
        return st, r, s, t
    if t_wave is None:
        reasons["t_mv"] = "The wave was not found."
    j = min(qrs.stop - 1 + round(_J_PLUS_S * typical.delineation.rate), typical.signal.shape[1] - 1)
    for lead, row in zip(LEADS, typical.signal, strict=True):
        if not np.isfinite(row[qrs]).all():
            reasons[f"{lead}_mv"] = "The lead is missing."
            continue
        r[lead], s[lead] = max(float(row[qrs].max()), 0.0), min(float(row[qrs].min()), 0.0)
        if np.isfinite(row[j]):
            st[lead] = float(row[j])
        if t_wave is not None and np.isfinite(row[t_wave]).all():
            t[lead] = float(row[t_wave][np.abs(row[t_wave]).argmax()])
    return st, r, s, t
