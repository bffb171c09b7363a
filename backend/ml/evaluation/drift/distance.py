"""How far an embedding lies from those of the training: Mahalanobis, with a covariance that few records can bear.

The covariance is that of probabilistic principal components (Tipping & Bishop 1999): as many directions as a tenth of
the records, 32 at most, and one variance for all others. Distances within the training are measured by fits that the
record was not part of; else they would be too small and every new ECG strange.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST: Final = 32
_PARTS: Final = 5
_SEED: Final = 19_361_227

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """The training's embeddings: mean (e,), directions (k, e), their variances (k,), and that of each other one."""

    mean: Float
    directions: Float
    variances: Float
    rest: float


def fit(x: Float) -> Cloud:
    """Return the cloud of embeddings (n, e), n at least 10."""
    mean = x.mean(axis=0)
    _, size, directions = np.linalg.svd(x - mean, full_matrices=False)
    variances = size**2 / max(1, len(x) - 1)
    k = max(1, min(MOST, len(x) // 10, x.shape[1] - 1))
    rest = max(1e-9, float(variances[k:].sum() / (x.shape[1] - k)))
    return Cloud(mean, directions[:k], np.maximum(variances[:k], rest), rest)


def distances(cloud: Cloud, x: Float) -> Float:
    """Return the distances (n,) of embeddings (n, e), divided by the root of e: about 1 for most of the training."""
    away = x - cloud.mean
    along = away @ cloud.directions.T
    across = np.maximum(0, (away**2).sum(axis=1) - (along**2).sum(axis=1))
    square = (along**2 / cloud.variances).sum(axis=1) + across / cloud.rest
    return np.asarray(np.sqrt(square / x.shape[1]))


def own_distances(x: Float) -> Float:
    """Return the distance (n,) of each of the training's embeddings (n, e) from those of the other parts of five."""
    part = np.random.default_rng(_SEED).permutation(len(x)) % _PARTS
    found = np.empty(len(x))
    for number in range(_PARTS):
        found[part == number] = distances(fit(x[part != number]), x[part == number])
    return found
