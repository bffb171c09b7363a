"""Pooling over time to a fixed number of steps, in a form that exports with an open batch."""

from functools import lru_cache

import torch
from torch import Tensor


@lru_cache(maxsize=64)
def pooling_matrix(n_in: int, n_out: int) -> Tensor:
    """Return (n_in, n_out): column i averages the samples from floor(i·n_in/n_out) to ceil((i+1)·n_in/n_out)."""
    weights = torch.zeros(n_in, n_out)
    for i in range(n_out):
        first, end = i * n_in // n_out, -(-(i + 1) * n_in // n_out)
        weights[first:end, i] = 1 / (end - first)
    return weights


def adaptive_mean(x: Tensor, steps: int) -> Tensor:
    """Map (b, c, 1, t) to (b, c, 1, steps) as `nn.AdaptiveAvgPool1d` does, whatever t is.

    A record that divides into the steps is averaged piece by piece; any other is multiplied by a constant matrix.
    """
    n = x.shape[-1]
    if n % steps == 0:
        return torch.nn.functional.avg_pool2d(x, (1, n // steps))
    return x @ pooling_matrix(n, steps).to(x)
