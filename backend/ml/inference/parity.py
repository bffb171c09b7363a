"""Do two ways of computing one network answer alike? Random records, one measure of difference, a tolerance a kind."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.ecg.leads import LEADS
from backend.ml.patient import FEATURES

EXPORT: Final = 1e-5  # an exported graph and the network in torch
CONVERSION: Final = 1e-4  # a foreign graph and what a converter made of it
PACKAGE: Final = 1e-3  # the ONNX file and the named weights of a package, which another machine may have written


def probe(
    n: int, n_samples: int, *, amplitude: float = 1.0, takes_patient: bool = False
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Return n random records (n, 12, n_samples) and, where asked for, facts of patients (n, 4); always the same."""
    random = np.random.default_rng(n)
    x = random.standard_normal((n, len(LEADS), n_samples)).astype(np.float32) * np.float32(amplitude)
    return x, random.random((n, FEATURES)).astype(np.float32) if takes_patient else None


def difference(found: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    """Return the largest difference of two outputs, as a share of the largest one wanted where that is over 1.

    float32 has seven digits, so that larger numbers differ by more. Infinite for outputs of different shapes, and
    where either holds what is no number.
    """
    if found.shape != wanted.shape or not (np.isfinite(found).all() and np.isfinite(wanted).all()):
        return float("inf")
    scale = max(1.0, float(np.abs(wanted).max(initial=0)))
    return float(np.abs(found - wanted).max(initial=0)) / scale
