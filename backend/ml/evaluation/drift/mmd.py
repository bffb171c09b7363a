"""Maximum mean discrepancy of two sets of embeddings: do they come from one distribution?

After Gretton et al. 2012 (JMLR 13:723) with a Gaussian kernel, as wide as the median distance, by random Fourier
features (Rahimi & Recht 2007): the discrepancy is then the distance of two means, so that of one of the sets its mean
and covariance are enough.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FREQUENCIES: Final = 128
DRAWS: Final = 4000
_SEED: Final = 20_120_313
_PAIRS: Final = 4000  # of which the median distance is taken
_AT_ONCE: Final = 500

Float = NDArray[np.float64]


def median_distance(x: Float) -> float:
    """Return the median distance of two of the records (n, e); at least a millionth."""
    random = np.random.default_rng(_SEED)
    a, b = random.integers(0, len(x), (2, _PAIRS))
    apart = a != b
    if not apart.any():
        return 1.0
    return max(1e-6, float(np.median(np.linalg.norm(x[a[apart]] - x[b[apart]], axis=1))))


def features(x: Float, width: float) -> Float:
    """Return the features (n, 2 FREQUENCIES) of records (n, e), whose inner products are about the kernel's values."""
    random = np.random.default_rng(_SEED)
    angle = x @ (random.standard_normal((x.shape[1], FREQUENCIES)) / width)
    found: Float = np.concatenate([np.cos(angle), np.sin(angle)], axis=1) / np.sqrt(FREQUENCIES)
    return found


def discrepancy(a: Float, b: Float) -> float:
    """Return the squared distance of two mean features (f,)."""
    return float(((a - b) ** 2).sum())


def permutation_p(a: Float, b: Float) -> float:
    """Return how often features divided anew by lot, into len(a) and len(b), lie as far apart as these do.

    The rows are of one record a patient: what is exchanged must be independent.
    """
    random = np.random.default_rng(_SEED)
    both = np.concatenate([a, b])
    whole, n, m = both.sum(axis=0), len(a), len(b)
    found = discrepancy(a.mean(axis=0), b.mean(axis=0))
    beyond = 1
    for _ in range(DRAWS // _AT_ONCE):
        order = random.random((_AT_ONCE, n + m)).argsort(axis=1)
        first = (order < n).astype(np.float64) @ both
        apart = ((first / n - (whole - first) / m) ** 2).sum(axis=1)
        beyond += int((apart >= found * (1 - 1e-9)).sum())
    return beyond / (DRAWS + 1)


def kept_p(found: float, spectrum: Float, n: int, m: int) -> float:
    """Return the same where of the n records of one set only the eigenvalues of their features' covariance are kept.

    Two means of records of one distribution differ normally, so that their squared distance is a sum of chi-squares
    weighted by these eigenvalues.
    """
    random = np.random.default_rng(_SEED)
    apart = random.standard_normal((DRAWS, len(spectrum))) ** 2 @ np.asarray(spectrum, np.float64) * (1 / n + 1 / m)
    return (1 + int((apart >= found).sum())) / (DRAWS + 1)


def spectrum(x: Float) -> Float:
    """Return the eigenvalues of the covariance of features (n, f), the largest first."""
    values = np.linalg.eigvalsh(np.cov(x, rowvar=False))
    found: Float = np.maximum(0, values[::-1])
    return found
