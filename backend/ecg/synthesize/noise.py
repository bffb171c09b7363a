"""Noise at the electrodes, so that it obeys Einthoven's law as real noise does: drift, muscle, mains."""

import numpy as np
import scipy.fft
from numpy.random import Generator
from numpy.typing import NDArray

from backend.ecg.synthesize.lead_field import ELECTRODES

Float = NDArray[np.float64]

MAINS_HZ = 50.0
_MUSCLE_HZ = (8.0, 120.0)


def electrode_noise(n_samples: int, rate: float, breath_hz: float, rng: Generator) -> Float:
    """Return potentials (9, n) in mV of RA, LA, LL and C1 to C6.

    Drift below 0.6 Hz with a peak at the breathing rate (deviation about 0.03 mV, up to 0.15), muscle noise from 8 to
    120 Hz (1 to 20 µV), mains hum at 50 Hz (up to 15 µV, near zero in most recordings). Made as one spectrum, over
    half as much time again as needed, so that the end does not join the beginning.
    """
    n = scipy.fft.next_fast_len(n_samples + n_samples // 2, real=True)
    hz = scipy.fft.rfftfreq(n, 1 / rate)
    electrodes = len(ELECTRODES)
    spectrum = np.zeros((electrodes, len(hz)), dtype=np.complex128)

    def put(bins: NDArray[np.intp], profile: Float, deviation: Float) -> None:
        """Fill bins with random phases so that each electrode's signal has the given standard deviation."""
        if not len(bins):
            return
        random = rng.normal(size=(electrodes, len(bins), 2)) @ np.array([1, 1j])
        power = np.sqrt((profile**2).sum())
        spectrum[:, bins] += deviation[:, np.newaxis] * (n / 2) * profile / power * random

    drift = np.flatnonzero((hz > 0) & (hz < 0.6))
    breath = np.exp(-0.5 * ((hz[drift] - breath_hz) / 0.03) ** 2)
    level = 0.032 * np.exp(rng.normal(0, 0.65))
    put(drift, 0.05 / hz[drift] + breath, level * np.exp(rng.normal(0, 0.3, electrodes)))
    muscle = np.flatnonzero((hz > _MUSCLE_HZ[0]) & (hz < min(_MUSCLE_HZ[1], rate / 2)))
    level = 0.0038 * np.exp(rng.normal(0, 0.75))
    put(muscle, 1 / np.sqrt(1 + (hz[muscle] / 40) ** 2), level * np.exp(rng.normal(0, 0.3, electrodes)))
    if rate > 2 * MAINS_HZ:
        level = 0.004 * rng.random() ** 3
        put(np.array([round(MAINS_HZ * n / rate)]), np.ones(1), level * np.exp(rng.normal(0, 0.5, electrodes)))
    return np.asarray(scipy.fft.irfft(spectrum, n=n)[:, :n_samples])
