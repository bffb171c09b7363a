"""An ECG with usual waves: what a wave or a lead is replaced by, when the question is what is special about it.

A wave that is gone can be what a network looks for: where a T wave has been flattened, taking it out makes the ECG more
like those that the network has learned, and the leads that show how large it should be seem to matter instead. So the
waves of simulated normal ECGs are put in their place, as large as the waves of this ECG are.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import PreprocessingError
from backend.ecg.leads import LEADS
from backend.ecg.preprocess import Preprocessing
from backend.ecg.synthesize import simulate
from backend.ml.explanations.waves import OUTSIDE, REST, Laid, Signal, lay, line_between, runs

N_NORMAL: Final = 5
"""Simulated normal ECGs of which the usual waves are the median."""
LEAST_SIZE, MOST_SIZE = 0.3, 3.0
_SIMULATED_HZ = 250.0
_N = 64  # samples of a wave, from its begin to its end, whatever it lasts


@dataclass(frozen=True, slots=True, eq=False)
class Wave:
    """A usual wave in the units of the network's input: its `shape` (12, 64) over the line between its two ends, and
    how far these `ends` (12, 2) lie from the isoelectric line."""

    shape: NDArray[np.float64]
    ends: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """The input (12, n) with usual waves: `leads` on the isoelectric lines, `waves` between the ends of its own.

    `sizes` are how many times as large as usual the waves of the ECG are, by their code.
    """

    leads: Signal
    waves: Signal
    sizes: Mapping[int, float]


def usual(laid: Laid, preprocessing: Preprocessing) -> Usual:
    """Return the ECG with usual waves where it has waves; where none are known it is `laid.flat`."""
    known = {} if laid.reason else usual_waves(preprocessing)
    sizes = {code: _size(laid, code, known[code]) for code in laid.present if code in known and code != REST}
    overall = float(np.median(list(sizes.values()))) if sizes else 1.0
    leads, waves = laid.flat.copy(), laid.x.copy()
    for begin, end, code in runs(laid.codes):
        if code == OUTSIDE:
            continue
        waves[:, begin:end] = line_between(laid.x, begin, end)
        if code in known:
            n = end - begin
            shape = sizes.get(code, 1.0) * stretched(known[code].shape, n)
            waves[:, begin:end] += shape.astype(np.float32)
            leads[:, begin:end] += (shape + overall * stretched(known[code].ends, n)).astype(np.float32)
    return Usual(leads, waves, sizes)


@lru_cache(maxsize=4)
def usual_waves(preprocessing: Preprocessing) -> Mapping[int, Wave]:
    """Return the usual waves by their code, as a network with this preprocessing gets them."""
    shapes: dict[int, list[NDArray[np.float64]]] = defaultdict(list)
    ends: dict[int, list[NDArray[np.float64]]] = defaultdict(list)
    for seed in range(N_NORMAL):
        ecg = simulate("NORM", 1000 + seed, _SIMULATED_HZ, float(np.clip(preprocessing.window_s, 1, 60))).recording
        try:
            laid = lay(ecg.signal, ecg.rate, preprocessing)
        except PreprocessingError:  # no beats to align
            continue
        over = laid.x - laid.flat
        for begin, end, code in runs(laid.codes):
            if laid.reason or code == OUTSIDE or begin == 0 or end == laid.x.shape[-1]:
                continue
            shapes[code].append(stretched(laid.x[:, begin:end] - line_between(laid.x, begin, end), _N))
            ends[code].append(over[:, [begin, end - 1]].astype(np.float64))
    return {code: Wave(np.median(shapes[code], axis=0), np.median(ends[code], axis=0)) for code in shapes}


def stretched(values: NDArray[np.floating], n: int) -> NDArray[np.float64]:
    """Return values (12, m) over the same time in n samples."""
    at = np.linspace(0, values.shape[-1] - 1, n)
    return np.stack([np.interp(at, np.arange(values.shape[-1]), lead) for lead in values])


def _size(laid: Laid, code: int, wave: Wave) -> float:
    """Return how many times as large as usual a wave is: the median over the leads, by least squares in each."""
    shared, own = np.zeros(len(LEADS)), np.zeros(len(LEADS))
    for begin, end, found in runs(laid.codes):
        if found == code:
            shape = stretched(wave.shape, end - begin)
            shared += ((laid.x[:, begin:end] - line_between(laid.x, begin, end)) * shape).sum(axis=1)
            own += (shape**2).sum(axis=1)
    return float(np.clip(np.median(shared / np.maximum(own, 1e-12)), LEAST_SIZE, MOST_SIZE))
