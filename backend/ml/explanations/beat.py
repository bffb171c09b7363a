"""The average beat of what a network sees, made by Rlign, and values of the input brought onto it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.ecg.align import Aligned, align
from backend.ecg.errors import PreprocessingError
from backend.ecg.preprocess import Preprocessing
from backend.ecg.preprocess.alignment import BPM
from backend.ml.explanations.waves import Codes, Laid, Signal, codes_on, in_sight

N: Final = 200
"""Samples of an average beat; it lasts one second of a heart rate of 60 a minute."""


@dataclass(frozen=True, slots=True, eq=False)
class AverageBeat:
    """The median (12, N) of the aligned beats in mV, and the code of the wave at each sample (N,).

    `source` (k, N) is where in the recording, in s, each sample of each of the k beats comes from.
    """

    signal: Signal
    codes: Codes
    source: NDArray[np.float64]

    @property
    def n_beats(self) -> int:
        """How many beats it is made of."""
        return len(self.source)


def average_beat(signal: Signal, rate: float, laid: Laid, preprocessing: Preprocessing) -> AverageBeat | None:
    """Return the average beat of what the network sees of a recording (12, r) in mV; None where there is none."""
    seen = in_sight(signal, rate, laid.start_s, preprocessing)
    try:
        found: Aligned = align(
            seen, rate, aggregate="median", template_bpm=BPM, seconds=float(np.clip(preprocessing.window_s, 1, 60))
        )
    except PreprocessingError:
        return None
    if found.reason or not len(found.source):
        return None
    m = found.signal.shape[-1]
    at = np.linspace(0, m - 1, N)
    beat = np.stack([np.interp(at, np.arange(m), lead) for lead in np.nan_to_num(found.signal)]).astype(np.float32)
    source = found.source[:, np.rint(at).astype(np.intp)]
    codes = codes_on(laid.recorded, source, N)
    return AverageBeat(beat, codes, source / rate + laid.start_s)


def on_beat(
    values: NDArray[np.floating], laid: Laid, beat: AverageBeat, preprocessing: Preprocessing
) -> NDArray[np.float64]:
    """Return the mean over the beats (12, N) of values (12, n), one for each sample of the network's input."""
    if laid.aligned is not None and preprocessing.align == "median_beat":
        at = np.linspace(0, values.shape[-1] - 1, N)
        return np.stack([np.interp(at, np.arange(values.shape[-1]), lead) for lead in values])
    series = np.asarray(values, np.float64)
    if laid.aligned is not None:
        series = np.nan_to_num(laid.aligned.to_recording(series))
    at = (beat.source - laid.start_s) * preprocessing.rate  # (k, N) samples of the window
    return np.stack([np.interp(at, np.arange(series.shape[-1]), lead).mean(axis=0) for lead in series])
