"""Disturbances as electrodes and mains add them to an ECG: white noise, baseline wander, hum."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from backend.ml.config import Augmentation

SLOWEST, FASTEST = 0.05, 0.5  # Hz, of baseline wander: breathing and movement
SINES = 3
MAINS = (50.0, 60.0)  # Hz


def add_disturbances(batch: NDArray[np.float32], settings: Augmentation, random: Generator, rate: float) -> None:
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
