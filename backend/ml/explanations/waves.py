"""Which wave each sample of a network's input belongs to, and the ECG without a wave or without a lead.

What is taken out is replaced by what would be there without it: a wave by the straight line between its two ends, a
lead by its isoelectric line. Neither makes a step, which a network could take for a wave. (Or by usual waves: `usual`.)
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.ecg.align import Aligned, align
from backend.ecg.align.template import Aggregate
from backend.ecg.delineate import Delineation, delineate
from backend.ecg.leads import LEADS
from backend.ecg.preprocess import Preprocessing
from backend.ecg.preprocess.alignment import BPM, OFFSET_S
from backend.ecg.resample import resampled_length

SEGMENTS: Final = ("P", "QRS", "ST", "T", "rest")
"""Parts of a beat. "rest" is what lies between: from the end of T to the next P, and from the end of P to QRS."""
REST: Final = SEGMENTS.index("rest")
OUTSIDE: Final = -1  # a sample that is no part of the recording: padding, or a place that the alignment leaves empty

Signal = NDArray[np.float32]
Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """An ECG as a network gets it, and which wave is where.

    `x` (12, n) is the network's input, `codes` (n,) the place in SEGMENTS of each sample or OUTSIDE, and `flat` (12, n)
    the input with each lead at its isoelectric line. `recorded` (r,) are the codes of the samples of the recording,
    from `start_s` on, where the network begins to look, as far as it looks. `aligned` tells where the samples of an
    input of aligned beats come from, in samples of the window at the network's rate; None for one that is not aligned.
    `reason` is empty, or says why no waves are known.
    """

    x: Signal
    codes: Codes
    flat: Signal
    recorded: Codes
    start_s: float
    aligned: Aligned | None
    reason: str = ""

    @property
    def present(self) -> list[int]:
        """The codes of the segments that are there, in the order of SEGMENTS; none where no waves are known."""
        return [] if self.reason else [code for code in range(len(SEGMENTS)) if (self.codes == code).any()]


def lay(signal: Signal, rate: float, preprocessing: Preprocessing) -> Laid:
    """Preprocess a recording (12, r) in mV at `rate` Hz and find its waves. Raises PreprocessingError."""
    x = preprocessing(signal, rate)
    n = resampled_length(signal.shape[-1], rate, preprocessing.rate)
    window = round(preprocessing.window_s * preprocessing.rate)
    spare = max(0, n - window)
    start_s = {"start": 0, "centre": spare // 2, "end": spare}[preprocessing.long] / preprocessing.rate
    seen = in_sight(signal, rate, start_s, preprocessing)
    found = delineate(seen, rate)
    recorded = wave_codes(found, seen.shape[-1])
    reason = found.beats.reason or ("" if len(found.beats) else "No beats were found.")
    at = np.rint(np.arange(window) / preprocessing.rate * rate).astype(np.intp)
    inside = (at < seen.shape[-1]) & (np.arange(window) < n)
    codes = np.where(inside, recorded[np.minimum(at, seen.shape[-1] - 1)], OUTSIDE).astype(np.int8)
    aligned = None
    if preprocessing.align is not None:
        aligned = _aligned_again(signal, rate, preprocessing)
        codes = codes_on(codes, aligned.source, x.shape[-1])
        reason = reason or aligned.reason
    return Laid(x, codes, _isoelectric(x, codes), recorded, start_s, aligned, reason)


def in_sight(signal: Signal, rate: float, start_s: float, preprocessing: Preprocessing) -> Signal:
    """Return the part of a recording (12, r) that the network sees."""
    first = round(start_s * rate)
    return signal[:, first : first + max(1, round(preprocessing.window_s * rate))]


def _aligned_again(signal: Signal, rate: float, preprocessing: Preprocessing) -> Aligned:
    """Align once more as the preprocessing did, which keeps the signal alone and not where it comes from."""
    window = replace(preprocessing, align=None)(signal, rate)
    aggregate: Aggregate | None = "median" if preprocessing.align == "median_beat" else None
    return align(
        window, preprocessing.rate, aggregate=aggregate, template_bpm=BPM, offset=OFFSET_S,
        seconds=preprocessing.window_s,
    )  # fmt: skip


def codes_on(codes: Codes, source: NDArray[np.float64], n: int) -> Codes:
    """Return the codes (n,) of aligned samples from those of the window, and where each comes from: (n,) or (k, n).

    Of k beats it is the code that most of them have there.
    """
    places = np.atleast_2d(source)
    if not len(places):
        return np.full(n, OUTSIDE, np.int8)
    known = np.isfinite(places)
    each = np.where(known, codes[np.clip(np.nan_to_num(np.rint(places)), 0, len(codes) - 1).astype(np.intp)], OUTSIDE)
    votes = np.stack([(each == code).sum(axis=0) for code in range(len(SEGMENTS))])
    return np.where(votes.max(axis=0) > 0, votes.argmax(axis=0), OUTSIDE).astype(np.int8)


def wave_codes(found: Delineation, n: int) -> Codes:
    """Return the code of each of n samples of a delineated recording; of what no wave covers that of the rest."""
    codes = np.full(n, REST, np.int8)
    points = found.points
    for name, first, last in (
        ("P", "p_onset", "p_offset"), ("ST", "qrs_offset", "t_onset"), ("T", "t_onset", "t_offset"),
        ("QRS", "qrs_onset", "qrs_offset"),
    ):  # fmt: skip
        for begin, end in zip(points[first], points[last], strict=True):
            if np.isfinite(begin) and np.isfinite(end) and end > begin:
                codes[max(0, round(begin)) : min(n, round(end))] = SEGMENTS.index(name)
    return codes


def spans(laid: Laid, rate: float) -> list[tuple[float, float, int]]:
    """Return (from, to, code) of each wave that the network sees, in s of the recording at `rate` Hz."""
    if laid.reason:
        return []
    return [(laid.start_s + begin / rate, laid.start_s + end / rate, code) for begin, end, code in runs(laid.recorded)]


def runs(codes: Codes) -> list[tuple[int, int, int]]:
    """Return (begin, end, code) of the stretches of equal code in (n,), `end` not included."""
    if not codes.size:
        return []
    edges = np.flatnonzero(np.diff(codes)) + 1
    return [
        (int(begin), int(end), int(codes[begin])) for begin, end in zip([0, *edges], [*edges, codes.size], strict=True)
    ]


def without_wave(laid: Laid, code: int, leads: list[int], instead: Signal | None = None) -> Signal:
    """Return the input (12, n) with a wave replaced in some leads, in all beats: by lines between its ends, or by what
    `instead` (12, n) has there."""
    x = laid.x.copy()
    for begin, end, found in runs(laid.codes):
        if found == code:
            new = line_between(laid.x, begin, end) if instead is None else instead[:, begin:end]
            x[leads, begin:end] = new[leads]
    return x


def without_lead(laid: Laid, lead: int) -> Signal:
    """Return the input (12, n) with one lead at its isoelectric line."""
    x = laid.x.copy()
    x[lead] = laid.flat[lead]
    return x


def line_between(x: Signal, begin: int, end: int) -> Signal:
    """Return the straight lines (k, end - begin) that join what lies before and behind a stretch of (k, n)."""
    n = x.shape[-1]
    left = x[:, begin - 1] if begin > 0 else x[:, min(end, n - 1)]
    right = x[:, end] if end < n else left
    share = (np.arange(1, end - begin + 1) / (end - begin + 1)).astype(np.float32)
    return np.asarray(left[:, np.newaxis] * (1 - share) + right[:, np.newaxis] * share, np.float32)


def _isoelectric(x: Signal, codes: Codes) -> Signal:
    """Return each lead (12, n) as the line through its level just before each QRS; padding stays as it is."""
    qrs = SEGMENTS.index("QRS")
    places = [begin for begin, _, code in runs(codes) if code == qrs and begin > 0]
    flat = np.empty_like(x)
    for lead in range(len(LEADS)):
        if places:
            levels = [float(x[lead, max(0, at - 2) : at].mean()) for at in places]
            flat[lead] = np.interp(np.arange(x.shape[-1]), np.array(places) - 1, levels)
        else:
            flat[lead] = np.median(x[lead])
    return np.where(codes == OUTSIDE, x, flat).astype(np.float32)
