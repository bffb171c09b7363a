"""How the values of a table lie, so that a wrong unit or a slip of the pen is seen before a network learns it."""

import numpy as np
from numpy.typing import ArrayLike

from backend.db.tables import Json

BARS = 20


def spread(values: ArrayLike) -> Json | None:
    """Return mean, standard deviation, lowest, highest and a histogram of values in any unit; None where none is.

    `bars` are counts over equal stretches from the lowest to the highest value; equal values are a single bar.
    """
    array = np.asarray(values, np.float64)
    if not array.size:
        return None
    low, high = float(array.min()), float(array.max())
    bars = np.histogram(array, BARS, (low, high))[0].tolist() if high > low else [len(array)]
    return {"mean": float(array.mean()), "sd": float(array.std()), "low": low, "high": high, "bars": bars}
