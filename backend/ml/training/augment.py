"""Augmentation of a batch of training records with numpy: random window, disturbances, amplitude, silenced stretches.

Only changes that keep the diagnosis are made: no sign flip, no reversal in time, no exchange of leads.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from backend.ml.training.augmentation import Augmentation

SLOWEST, FASTEST = 0.05, 0.5  # Hz, of baseline wander: breathing and movement
SINES = 3
MAINS = (50.0, 60.0)  # Hz


def crop_samples(settings: Augmentation, rate: float, n_samples: int) -> int:
    """Return the length of a training window in samples; the whole record where no shorter one is asked for."""
    if settings.crop_seconds is None:
        return n_samples
    return min(n_samples, round(settings.crop_seconds * rate))


def training_batch(
    x: NDArray[np.float32],
    rows: NDArray[np.integer],
    n_crop: int,
    settings: Augmentation,
    random: Generator,
    rate: float,
) -> NDArray[np.float32]:
    """Return the augmented (b, 12, n_crop) float32 windows of the records `rows` of x (N, 12, T) at `rate` Hz."""
    batch = _windows(x, rows, n_crop, round(settings.shift * rate), random)
    _add_disturbances(batch, settings, random, rate)
    if settings.scale:
        batch *= random.uniform(1 - settings.scale, 1 + settings.scale, (len(rows), 1, 1)).astype(np.float32)
    if settings.lead_dropout:
        chance = random.random((*batch.shape[:2], 1))
        batch *= (chance >= settings.lead_dropout) | (chance == chance.max(axis=1, keepdims=True))
    if settings.time_mask:
        _mask_time(batch, settings.time_mask, random)
    return batch


def mix(arrays: list[NDArray[np.float32]], alpha: float, random: Generator) -> list[NDArray[np.float32]]:
    """Return each array of n rows with every row mixed with a random other one (Zhang et al. 2018, arXiv:1710.09412).

    The share of the row itself, at least a half, is drawn from the beta distribution and is the same in all arrays.
    """
    n = len(arrays[0])
    share = random.beta(alpha, alpha, n).astype(np.float32)
    share = np.maximum(share, 1 - share)
    other = random.permutation(n)
    mixed = []
    for array in arrays:
        own = share.reshape(n, *(1,) * (array.ndim - 1))
        mixed.append(own * array + (1 - own) * array[other])
    return mixed


def _windows(
    x: NDArray[np.float32], rows: NDArray[np.integer], n_crop: int, shift: int, random: Generator
) -> NDArray[np.float32]:
    """Cut a random window of each record; a whole record is moved by up to `shift` samples, zeros filling the gap."""
    n_leads, n_samples = x.shape[1:]
    batch = np.empty((len(rows), n_leads, n_crop), np.float32)
    if n_crop == n_samples and shift:
        shift = min(shift, n_samples - 1)
        for window, row, moved in zip(batch, rows, random.integers(-shift, shift + 1, len(rows)), strict=True):
            start, end = max(0, moved), n_samples + min(0, moved)  # of what stays of the record, in the window
            window[:, :start], window[:, end:] = 0, 0
            window[:, start:end] = x[row, :, start - moved : end - moved]
        return batch
    starts = random.integers(0, n_samples - n_crop + 1, len(rows))
    for window, row, start in zip(batch, rows, starts, strict=True):
        window[:] = x[row, :, start : start + n_crop]
    return batch


def _mask_time(batch: NDArray[np.float32], longest: float, random: Generator) -> None:
    """Set a stretch of each window, up to `longest` of it, to zero in all leads."""
    n = batch.shape[2]
    lengths = np.round(random.uniform(0, longest, len(batch)) * n).astype(int)
    starts = random.integers(0, n - lengths + 1)
    for window, start, length in zip(batch, starts, lengths, strict=True):
        window[:, start : start + length] = 0


def _add_disturbances(batch: NDArray[np.float32], settings: Augmentation, random: Generator, rate: float) -> None:
    """Add to the windows (b, 12, n) at `rate` Hz, in place, what `settings` asks for.

    Strengths are in standard deviations of each window; those of wander and hum are drawn anew for each lead.
    """
    if not (settings.noise or settings.wander or settings.hum):
        return
    n_records, n_leads, n = batch.shape
    level = batch.std(axis=(1, 2), keepdims=True)
    seconds = (np.arange(n) / rate).astype(np.float32)
    mains = [frequency for frequency in MAINS if frequency < rate / 2]
    if settings.noise:
        noise = random.standard_normal(batch.shape, np.float32)
        noise *= settings.noise * level
        batch += noise
    if settings.wander:
        frequencies = random.uniform(SLOWEST, FASTEST, (n_records, SINES, 1)).astype(np.float32)
        sines = _sines(frequencies, seconds, random)
        batch += _amplitudes(settings.wander * level, n_leads, SINES, random) @ sines
    if settings.hum and mains:
        frequencies = random.choice(mains, (n_records, 1, 1)).astype(np.float32)
        batch += _amplitudes(settings.hum * level, n_leads, 1, random) @ _sines(frequencies, seconds, random)


def _sines(frequencies: NDArray[np.float32], seconds: NDArray[np.float32], random: Generator) -> NDArray[np.float32]:
    """Return (b, k, n) sines of the frequencies (b, k, 1) Hz with random phases."""
    phases = random.random(frequencies.shape, np.float32)
    return np.asarray(np.sin(np.float32(2 * np.pi) * (frequencies * seconds + phases)), np.float32)


def _amplitudes(largest: NDArray[np.float32], n_leads: int, n_sines: int, random: Generator) -> NDArray[np.float32]:
    """Return (b, 12, k) amplitudes of either sign whose sum over k is at most `largest` (b, 1, 1)."""
    drawn = random.uniform(-1, 1, (len(largest), n_leads, n_sines))
    return np.asarray(drawn * largest / n_sines, np.float32)
