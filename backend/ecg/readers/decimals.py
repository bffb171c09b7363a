"""Numbers written in decimals: how one looks in text, and how many places a set of them needs."""

import re

import numpy as np
from numpy.typing import NDArray

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


def decimals(values: NDArray[np.float64], most: int = 6) -> int | None:
    """Return the fewest decimals (0 to `most`) that write every value exactly, None where more are needed.

    Decided on a few values first, then checked on all, in any order; NaN counts for nothing.
    """
    flat = values.reshape(-1) if values.flags.c_contiguous else values.T.reshape(-1)
    sample = flat[:: max(1, flat.size // 256)]
    for places in range(most + 1):
        if _on_grid(sample, 10.0**places) and _on_grid(flat, 10.0**places):
            return places
    return None


_ROUND = 1.5 * 2**52  # adding it rounds a double below 2**51 to an integer


def _on_grid(values: NDArray[np.float64], scale: float) -> bool:
    """Whether values * scale are integers, in blocks that stay in cache."""
    for start in range(0, values.size, 8192):
        scaled = values[start : start + 8192] * scale
        off = scaled + _ROUND
        off -= _ROUND
        off -= scaled
        if np.fmax.reduce(np.abs(off, out=off), initial=0.0) > 1e-6:  # fmax passes over NaN
            return False
    return True
