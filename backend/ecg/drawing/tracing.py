"""One lead as lines: gaps stay gaps, and of many samples in a hair's breadth the highest and the lowest stay."""

import numpy as np
from numpy.typing import NDArray

from backend.ecg.drawing.shapes import Points

FINEST = 0.05  # mm; what is nearer than that is drawn as one stroke from the lowest sample to the highest


def strokes(samples: NDArray[np.float32], x0: float, step: float, y0: float, gain: float) -> list[Points]:
    """Return the lines (n, 2) of samples (n,): the first stands at `x0` mm, each `step` mm further, up by `gain` mm.

    Samples that are missing (NaN) end a line. Extremes are kept however dense the samples are: an R peak of a single
    sample is as high as it was recorded. A sample between two gaps is a dot.
    """
    finite = np.isfinite(samples)
    edges = np.flatnonzero(np.diff(finite, prepend=False, append=False)).reshape(-1, 2)
    found = []
    for start, stop in edges:
        index = _kept(samples[start:stop], step) + start
        points = np.column_stack([x0 + index * step, y0 - samples[index].astype(np.float64) * gain])
        found.append(points if len(points) > 1 else np.vstack([points, points + np.array([FINEST, 0.0])]))
    return found


def _kept(samples: NDArray[np.float32], step: float) -> NDArray[np.intp]:
    """Return which samples are drawn: all, or of each hair's breadth first, lowest, highest and last in their order."""
    n, size = len(samples), int(FINEST / step) if step > 0 else 1
    if size < 4 or n < 2 * size:
        return np.arange(n)
    whole = n - n % size
    blocks = samples[:whole].reshape(-1, size)
    begins = np.arange(0, whole, size)
    marks = np.stack([begins, begins + blocks.argmin(axis=1), begins + blocks.argmax(axis=1), begins + size - 1])
    return np.unique(np.concatenate([marks.ravel(), np.arange(whole, n)]))
