"""Disturbed copies of ECGs: gains of the leads, noise, baseline wander, silent leads; and gaps to be filled."""

import math

import torch
from torch import Tensor

GAIN = 0.2
NOISE, WANDER = 0.2, 0.4  # at most, in standard deviations of a lead
SLOWEST, FASTEST = 0.1, 0.6  # Hz, of the wander
SILENT = 0.3  # highest chance of a lead; of each ECG it is drawn from 0 to this
MASKED, GAP_S = 0.4, 0.5  # share of an ECG that is masked, in gaps so long


def disturbed(x: Tensor, rate: float) -> Tensor:
    """Return a copy of standardised ECGs (b, 12, t) at `rate` Hz as other electrodes might have given it."""
    b, c, t = x.shape
    seconds = torch.arange(t, device=x.device) / rate

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, device=x.device)

    y = x * (1 - GAIN + 2 * GAIN * uniform(b, c, 1)) + torch.randn_like(x) * (NOISE * uniform(b, 1, 1))
    frequency = SLOWEST + (FASTEST - SLOWEST) * uniform(b, 1, 1)
    y = y + WANDER * uniform(b, c, 1) * torch.sin(2 * math.pi * (frequency * seconds + uniform(b, c, 1)))
    return y * (uniform(b, c, 1) > SILENT * uniform(b, 1, 1))


def gaps(x: Tensor, rate: float) -> Tensor:
    """Return (b, 1, t) bool, true in the gaps of ECGs (b, 12, t): the same in all leads."""
    b, _, t = x.shape
    length = max(1, round(GAP_S * rate))
    pieces = torch.rand(b, 1, -(-t // length), device=x.device) < MASKED
    return pieces.repeat_interleave(length, dim=2)[..., :t]
