"""A part of a long signal, and fewer samples of it in which no peak is lost: for what is drawn small."""

import numpy as np
from numpy.typing import NDArray


def cut(x: NDArray[np.float32], rate: float, from_s: float = 0.0, seconds: float | None = None) -> NDArray[np.float32]:
    """Return the samples (leads, m) from `from_s` on, `seconds` of them or all; what goes beyond the end is not there.

    The first is the sample at or before `from_s`, so that a part begins where one asks for it. `rate` is in Hz.
    """
    first = min(int(from_s * rate), x.shape[-1])
    last = x.shape[-1] if seconds is None else min(first + max(1, round(seconds * rate)), x.shape[-1])
    return x[..., first:last]


def thin(x: NDArray[np.float32], rate: float, most: int) -> tuple[NDArray[np.float32], float]:
    """Return a signal (leads, n) at `rate` Hz with `most` samples a lead at most, and its new rate.

    Stretches of equal length are told by their lowest and highest sample, in the order in which they come: an R peak
    keeps its height, and is off by less than a stretch. Missing samples (NaN) count only where a stretch has no other.
    """
    n = x.shape[-1]
    if n <= most:
        return x, rate
    width = -(-n // (most // 2))
    stretches = -(-n // width)
    padded = np.full((len(x), stretches * width), np.nan, np.float32)
    padded[:, :n] = x
    parts = padded.reshape(len(x), stretches, width)
    gaps = np.isnan(parts)
    low = np.where(gaps, np.inf, parts).argmin(axis=2)
    high = np.where(gaps, -np.inf, parts).argmax(axis=2)
    order = np.stack([np.minimum(low, high), np.maximum(low, high)], axis=2)
    kept = np.take_along_axis(parts, order, axis=2).reshape(len(x), 2 * stretches)
    return kept, rate * 2 / width
