"""The one whole number that stands for a missing sample where a format has no word for it: the least of 16 bits."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

MISSING = -32768
"""What WFDB and most 16-bit converters write for a sample that is not there."""


def missing_marks(values: NDArray[Any]) -> tuple[NDArray[np.bool_] | None, tuple[str, ...]]:
    """Return where samples (k, n) in file units are marks of missing ones, None where none is, and a note.

    A signal that is clipped comes near its edge before it stays there: -32768 is a mark only where nothing else lies
    below half of it.
    """
    if values.size == 0 or values.dtype.kind not in "if" or np.fmin.reduce(values, axis=None) != MISSING:
        return None, ()
    at = values == MISSING
    others = values[~at]
    if not others.size or not np.fmin.reduce(others, axis=None) > MISSING / 2:
        return None, ()
    return at, (f"Samples of {MISSING}, far from all others, were taken for missing ones ({np.count_nonzero(at)}).",)
