"""What is pre-trained on: ECGs, their aligned beats, and whatever is known of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.ecg.align import align_batch
from backend.ml.errors import TrainingImpossibleError

Float = NDArray[np.float32]

BEAT = 100  # samples of an aligned beat
_FEWEST_BEATS = 4
_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class PretrainingData:
    """ECGs x (N, 12, T), float16 or float32, as the network takes them at `rate` Hz, each standardised.

    `y` (N, L) are labels of 0 and 1 and `values` (N, V) numbers of about unit scale, NaN where unknown. `source` (N,)
    says where an ECG is from. `beats` (N, 12, 100) are aligned median beats, `rr` (N, 2) mean and deviation of the RR
    intervals in s, NaN where nothing could be aligned; left out, they are made when they are needed.
    Raises TrainingImpossibleError where the parts do not fit.
    """

    x: NDArray[np.floating]
    rate: float
    labels: tuple[str, ...] = ()
    y: Float | None = None
    value_names: tuple[str, ...] = ()
    values: Float | None = None
    source: NDArray[np.str_] | None = None
    beats: Float | None = None
    rr: Float | None = None

    def __post_init__(self) -> None:
        n = len(self.x)
        if self.x.ndim != 3 or n < 4:
            raise TrainingImpossibleError(f"A pre-training needs at least four ECGs; here are {n}.")
        for part in (self.y, self.values, self.source, self.beats, self.rr):
            if part is not None and len(part) != n:
                raise TrainingImpossibleError(f"There are {n} ECGs, but facts of {len(part)}.")
        for names, table in ((self.labels, self.y), (self.value_names, self.values)):
            if table is not None and table.shape != (n, len(names)):
                raise TrainingImpossibleError(f"{len(names)} names do not fit a table of the shape {table.shape}.")


def median_beats(x: NDArray[np.floating], rate: float) -> Iterator[tuple[Float, Float]]:
    """Yield the aligned median beats (k, 12, 100) of ECGs (N, 12, T), and mean and deviation (k, 2) of their RR (s).

    The beats are brought to 60 a minute, the QRS complex unscaled (Rlign, arXiv:2407.15555). What has fewer than four
    that align is NaN. Part after part, so that a listener sees it go on.
    """
    for start in range(0, len(x), _AT_ONCE):
        part = np.asarray(x[start : start + _AT_ONCE], np.float64)
        beats = np.full((len(part), part.shape[1], BEAT), np.nan, np.float32)
        rr = np.full((len(part), 2), np.nan, np.float32)
        for i, aligned in enumerate(align_batch(part, rate, aggregate="median")):
            if not aligned.reason and len(aligned.beats) >= _FEWEST_BEATS and np.isfinite(aligned.signal).all():
                intervals = np.diff(aligned.beats) / rate
                beats[i], rr[i] = aligned.signal, (intervals.mean(), intervals.std())
        yield beats, rr
