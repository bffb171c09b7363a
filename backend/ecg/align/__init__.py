"""Alignment of an ECG to a template of one heart rate (Rlign): R peaks at fixed places, segments rescaled.

After Plagwitz et al., "The Rlign algorithm for enhanced electrocardiogram analysis through R-peak alignment"
(arXiv 2407.15555). The template and its models of QT and PR are in `align_template`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.ecg.align.template import Aggregate, Scale, Template, places
from backend.ecg.beats import r_peaks, r_peaks_batch
from backend.ecg.errors import PreprocessingError
from backend.ecg.leads import LEADS

Float = NDArray[np.float64]

_AT_ONCE = 8  # recordings whose R peaks are found together: more leave the processor's cache

BEFORE_R = 1 / 3
"""Share of an aggregated beat that lies before its R peak."""


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """An aligned ECG, and where in the recording each of its samples comes from.

    `signal` is (12, m) float32 in the unit of the recording, NaN where the recording has nothing to put. `defined` (m,)
    marks the samples that have a place in the recording. `source` is that place as a fractional sample index, NaN where
    there is none: (m,) for a series, (k, m) for a beat made of k beats. `beats` are the R peaks used, as samples of the
    recording of `n_samples`. `reason` is empty or says why nothing could be aligned.
    """

    signal: NDArray[np.float32]
    defined: NDArray[np.bool_]
    source: Float
    beats: NDArray[np.intp]
    n_samples: int
    reason: str = ""

    def to_recording(self, values: ArrayLike) -> Float:
        """Bring a result of each sample of the template (..., m) back onto the recording (..., n), NaN outside.

        Between two places the result is a straight line. A result for an aggregated beat is laid over each of its
        beats. Raises PreprocessingError where the last axis is not the template's.
        """
        given = np.asarray(values, dtype=np.float64)
        if given.ndim < 1 or given.shape[-1] != self.defined.size:
            raise PreprocessingError(
                f"A result for {self.defined.size} samples is needed; this one has the shape {given.shape}."
            )
        origins = self.source.ravel()
        known = np.flatnonzero(np.isfinite(origins))
        result = np.full((*given.shape[:-1], self.n_samples), np.nan)
        if not known.size:
            return result
        known = known[np.argsort(origins[known], kind="stable")]
        at = np.arange(self.n_samples)
        for index in np.ndindex(given.shape[:-1]):
            row = given[index][known % self.defined.size]
            result[index] = np.interp(at, origins[known], row, left=np.nan, right=np.nan)
        return result


def align(
    signal: ArrayLike,
    rate: float,
    *,
    peaks: ArrayLike | None = None,
    scale: Scale = "hrc",
    aggregate: Aggregate | None = None,
    template_bpm: float = 60,
    offset: float = 0.01,
    seconds: float = 10,
) -> Aligned:
    """Align a recording (12, n) at `rate` Hz to a template of `template_bpm` beats a minute, `seconds` long.

    The first R peak comes to `offset` s, the others follow at the template's interval; beats past its end are left
    out, and what lies before the first beat or after the last is undefined. `scale` "hrc" copies QRS (-35 to +55 ms)
    unscaled and rescales ST-T, TP and PR each to what QT and PR are at the template's rate; "linear" rescales each RR
    interval as a whole. `aggregate` makes one beat of them all (the first is left out: its P wave has no place).
    `peaks` are the R peaks as sample indices; by default they are found here.

    An ECG in which nothing can be aligned is no error: nothing is defined and `reason` says why.
    Raises PreprocessingError for impossible settings only.
    """
    template = Template(rate, scale, aggregate, template_bpm, offset, seconds)
    x = _checked(signal, 2)
    if peaks is not None:
        return _align(x, _usable(peaks, x.shape[-1]), template, "")
    beats = r_peaks(x, rate)
    return _align(x, _usable(beats.samples, x.shape[-1]), template, beats.reason)


def align_batch(
    signals: ArrayLike,
    rate: float,
    *,
    peaks: Sequence[ArrayLike] | None = None,
    scale: Scale = "hrc",
    aggregate: Aggregate | None = None,
    template_bpm: float = 60,
    offset: float = 0.01,
    seconds: float = 10,
) -> list[Aligned]:
    """Align recordings (b, 12, n) of one rate; equal to `align` one by one."""
    template = Template(rate, scale, aggregate, template_bpm, offset, seconds)
    x = _checked(signals, 3)
    if peaks is None:
        every = [beats for at in range(0, len(x), _AT_ONCE) for beats in r_peaks_batch(x[at : at + _AT_ONCE], rate)]
        peaks, reasons = [beats.samples for beats in every], [beats.reason for beats in every]
    else:
        reasons = [""] * len(x)
    if len(peaks) != len(x):
        raise PreprocessingError(f"{len(x)} recordings need as many lists of R peaks, not {len(peaks)}.")
    return [
        _align(one, _usable(at, x.shape[-1]), template, reason)
        for one, at, reason in zip(x, peaks, reasons, strict=True)
    ]


def _checked(signal: ArrayLike, ndim: int) -> NDArray[np.float32]:
    x = np.asarray(signal, dtype=np.float32)
    if x.ndim != ndim or x.shape[-2] != len(LEADS) or x.shape[-1] < 1:
        raise PreprocessingError(f"Twelve leads with samples are needed; this signal has the shape {x.shape}.")
    return x


def _usable(peaks: ArrayLike, n_samples: int) -> NDArray[np.intp]:
    at = np.asarray(peaks, dtype=np.float64).ravel()
    return np.unique(np.rint(at[(at >= 0) & (at <= n_samples - 1)])).astype(np.intp)


def _align(signal: NDArray[np.float32], peaks: NDArray[np.intp], template: Template, reason: str) -> Aligned:
    n = signal.shape[-1]
    needed = 2 if template.aggregate is None else 3
    if n < 8 or peaks.size < needed:
        reason = reason or f"Only {peaks.size} beats were found; {needed} are needed to align a recording."
        return _nothing(n, peaks, template, reason)
    heart_rate = max(1, int(peaks.size * 60 * template.rate / n))
    peaks = peaks[: template.r_peaks.size]
    source, smooth = places(peaks, heart_rate, template)
    source[(source < 0) | (source > n - 1)] = np.nan
    aligned = _evaluate(signal, source, smooth)
    if template.aggregate is None:
        return Aligned(aligned, np.isfinite(source), source, peaks, n)
    return _beat(aligned, source, peaks, n, template)


def _nothing(n_samples: int, peaks: NDArray[np.intp], template: Template, reason: str) -> Aligned:
    m = template.length if template.aggregate is None else template.interval
    shape = (m,) if template.aggregate is None else (0, m)
    return Aligned(
        np.full((len(LEADS), m), np.nan, np.float32), np.zeros(m, np.bool_), np.full(shape, np.nan), peaks, n_samples,
        reason,
    )  # fmt: skip


def _evaluate(signal: NDArray[np.float32], source: Float, smooth: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Interpolate (12, n) at `source` (m,) by cubics through four samples; float32 (12, m).

    Where `smooth`, of the signal weighted 0.23, 0.54, 0.23 over three samples: that is the Hamming window over the
    spectrum with which the published code resamples.
    """
    n = signal.shape[-1]
    defined = np.isfinite(source)
    place = source[defined]
    first = np.clip(place.astype(np.intp), 1, n - 3)
    f = (place - first).astype(np.float32)
    weights = (f * (f - 1) * (2 - f) / 6, (f + 1) * (f - 1) * (f - 2) / 2, (f + 1) * f * (2 - f) / 2,
               (f + 1) * f * (f - 1) / 6)  # fmt: skip
    by_sample = np.empty((2, n, len(LEADS)), np.float32)
    by_sample[0] = signal.T
    by_sample[1] = 0.54 * by_sample[0]
    by_sample[1, 1:] += 0.23 * by_sample[0, :-1]
    by_sample[1, :-1] += 0.23 * by_sample[0, 1:]
    by_sample[1, [0, -1]] += 0.23 * by_sample[0, [0, -1]]
    rows = by_sample.reshape(2 * n, -1)
    first += n * smooth[defined]
    total = weights[1][:, np.newaxis] * rows[first]
    for step, weight in ((-1, weights[0]), (1, weights[2]), (2, weights[3])):
        total += weight[:, np.newaxis] * rows[first + step]
    aligned = np.full((len(LEADS), source.size), np.nan, np.float32)
    aligned[:, defined] = total.T
    return aligned


def _beat(
    aligned: NDArray[np.float32], source: Float, peaks: NDArray[np.intp], n_samples: int, template: Template
) -> Aligned:
    """Make one beat of the aligned series, from a third of an interval before R; whole beats only."""
    starts = template.r_peaks[: peaks.size - 1] - int(template.interval * BEFORE_R)
    starts = starts[(starts >= 0) & (starts + template.interval <= template.length)]
    windows = starts[:, np.newaxis] + np.arange(template.interval)
    windows = windows[np.isfinite(source[windows]).all(axis=1)]
    if not windows.size:
        return _nothing(n_samples, peaks, template, "No beat is whole in the template.")
    beats = aligned[:, windows]  # (12, k, interval)
    holes = np.asarray(np.isnan(beats).any(axis=2))
    partly = holes[np.logical_not(holes.all(axis=1))]  # a lead that is missing throughout spoils no beat
    whole = np.logical_not(partly.any(axis=0))
    if whole.any():
        beats, windows = beats[:, whole], windows[whole]
    one = np.median(beats, axis=1) if template.aggregate == "median" else beats.mean(axis=1)
    return Aligned(one.astype(np.float32), np.ones(template.interval, np.bool_), source[windows], peaks, n_samples)
