"""FedAvg: the mean of what sites changed, weighted by their recordings (McMahan et al. 2017, arXiv:1602.05629).

The statistics of BatchNorm are pooled, not averaged: the variance of all recordings together is the mean of the sites'
variances plus the variance of their means.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.ml.federated.delta import MEAN, VARIANCE, Delta, Weights, is_statistic


def site_weights(counts: Sequence[int], most: float = 1.0) -> NDArray[np.float64]:
    """Return (K,) shares that add up to 1, in proportion to the recordings of each site, none above `most`.

    What is cut from a large site goes to the others in proportion. Where K sites cannot stay below `most`, all are
    equal.
    """
    n = np.asarray(counts, np.float64)
    if not len(n) or (n <= 0).any() or not np.isfinite(n).all():
        raise ValueError("Each site needs a number of recordings above 0.")
    if most * len(n) <= 1:
        return np.full(len(n), 1 / len(n))
    full = np.zeros(len(n), bool)
    while True:
        shares = np.where(full, most, 0.0)
        shares[~full] = (1 - most * full.sum()) * n[~full] / n[~full].sum()
        over = (shares > most * (1 + 1e-12)) & ~full
        if not over.any():
            return shares
        full |= over


def average(
    base: Weights,
    deltas: Sequence[Delta],
    shares: Sequence[float] | NDArray[np.float64],
    *,
    pooled: bool = True,
) -> dict[str, NDArray[np.float32]]:
    """Return the mean of deltas, weighted by shares that add up to 1.

    Where `pooled`, a variance of BatchNorm gains the spread of the sites' means around their mean, at most as much as
    it is in the base, so that no single contribution makes it grow without bound. Under noise it is left out: the noise
    of the means would be taken for spread, and the mean of clipped deltas alone moves no further than its shares say.
    """
    weights = np.asarray(shares, np.float64)
    if len(weights) != len(deltas) or not np.isclose(weights.sum(), 1):
        raise ValueError("Each delta needs a share, and the shares add up to 1.")
    result: dict[str, NDArray[np.float32]] = {}
    for name in sorted(deltas[0]):
        value = _mean(deltas, name, weights)
        if pooled and name.endswith(VARIANCE) and is_statistic(base, name):
            mean = name.removesuffix(VARIANCE) + MEAN
            centre = _mean(deltas, mean, weights)
            spread = sum(
                share * (delta[mean].astype(np.float64) - centre) ** 2
                for share, delta in zip(weights, deltas, strict=True)
            )
            value = value + np.minimum(spread, np.maximum(base[name].astype(np.float64), 0))
        result[name] = np.asarray(value, np.float32)
    return result


def _mean(deltas: Sequence[Delta], name: str, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    total = np.zeros(deltas[0][name].shape)
    for share, delta in zip(weights, deltas, strict=True):
        total += share * delta[name]
    return total
