"""One number that says how much a network speaks for a label: what a map takes apart."""

import numpy as np
from numpy.typing import NDArray

from backend.ml.spec import Task


def score(logits: NDArray[np.float32], task: Task, place: int) -> NDArray[np.float64]:
    """Return (b,) of logits (b, L): the log-odds of the label at `place`, or for a regression its value.

    Before calibration, which is the same line for every ECG.
    """
    z = logits.astype(np.float64)
    if task != "single_label":
        return z[:, place]
    others = np.delete(z, place, axis=1)
    most = others.max(axis=1)
    return np.asarray(z[:, place] - most - np.log(np.exp(others - most[:, np.newaxis]).sum(axis=1)))
