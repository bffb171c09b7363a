"""Augmentation of a batch of training records with numpy: random window, amplitude, noise, silenced leads.

Only changes that keep the diagnosis are made: no sign flip, no reversal in time, no exchange of leads.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from backend.ml.config import Augmentation


def crop_samples(settings: Augmentation, rate: float, n_samples: int) -> int:
    """Return the length of a training window in samples; the whole record where no shorter one is asked for."""
    if settings.crop_seconds is None:
        return n_samples
    return min(n_samples, round(settings.crop_seconds * rate))


def training_batch(
    x: NDArray[np.float32], rows: NDArray[np.integer], n_crop: int, settings: Augmentation, random: Generator
) -> NDArray[np.float32]:
    """Return the augmented (b, 12, n_crop) float32 windows of the records `rows` of x (N, 12, T)."""
    n_leads, n_samples = x.shape[1:]
    starts = random.integers(0, n_samples - n_crop + 1, len(rows))
    batch = np.empty((len(rows), n_leads, n_crop), np.float32)
    for window, row, start in zip(batch, rows, starts, strict=True):
        window[:] = x[row, :, start : start + n_crop]
    if settings.noise:
        level = settings.noise * batch.std(axis=(1, 2), keepdims=True)
        batch += level * random.standard_normal(batch.shape, np.float32)
    if settings.scale:
        batch *= random.uniform(1 - settings.scale, 1 + settings.scale, (len(rows), 1, 1)).astype(np.float32)
    if settings.lead_dropout:
        chance = random.random((len(rows), n_leads, 1))
        kept = (chance >= settings.lead_dropout) | (chance == chance.max(axis=1, keepdims=True))
        batch *= kept
    return batch
