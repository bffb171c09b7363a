"""When the heart beats, and what the atria do in fibrillation."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Float = NDArray[np.float64]


def sinus_beats(duration_s: float, breath_hz: float, age: float, rng: Generator) -> Float:
    """Return the starts of QRS, in s, from about -1.5 s to past the end, at a mean rate of 45 to 120 a minute.

    The interval swings with breathing (respiratory sinus arrhythmia, about 6 % at 20 years and 2 % at 80) and with
    the 0.1-Hz waves of blood pressure; in one recording of eight an atrial beat comes early.
    """
    mean = 60 / np.clip(rng.normal(72, 14), 45, 120)
    breathing = np.interp(age, (20, 80), (0.06, 0.02)) * rng.uniform(0.5, 1.3)
    phase, slow_phase = rng.uniform(0, 2 * np.pi, 2)
    starts = [-1.5 - rng.uniform(0, mean)]
    while starts[-1] < duration_s + 1:
        t = starts[-1]
        swing = breathing * np.sin(2 * np.pi * breath_hz * t + phase) + 0.015 * np.sin(0.2 * np.pi * t + slow_phase)
        starts.append(t + mean * (1 + swing + rng.normal(0, 0.006)))
    beats = np.array(starts)
    if rng.random() < 1 / 8:
        early = rng.integers(2, len(beats) - 1)
        beats[early] -= rng.uniform(0.2, 0.35) * mean
    return beats


def fibrillation_beats(duration_s: float, rng: Generator) -> Float:
    """Return the starts of QRS in atrial fibrillation: independent gamma intervals.

    Their coefficient of variation is 13 to 28 %; none is below 0.33 s, the refractory period of the AV node.
    """
    mean = 60 / np.clip(rng.normal(84, 17), 50, 130)
    shape = rng.uniform(0.13, 0.28) ** -2
    n = int(2 * (duration_s + 4) / mean) + 8
    intervals = np.maximum(rng.gamma(shape, mean / shape, n), 0.33)
    return np.asarray(-1.5 - mean * rng.random() + np.cumsum(intervals))


def fibrillatory_waves(seconds: Float, rng: Generator) -> Float:
    """Return the dipole (3, n) in mV of the fibrillating atria: 4.5 to 8 waves a second, unsteady, largest in V1."""
    hz = rng.uniform(4.5, 8)
    amplitude = 0.060 * np.exp(rng.normal(0, 0.45))
    direction = np.array([-0.60, 0.55, -0.35])
    across = np.array([0.40, 0.30, 0.10])
    wander = rng.uniform(0.5, 1.2) * np.sin(2 * np.pi * rng.uniform(0.2, 0.5) * seconds + rng.uniform(0, 6.28))
    phase = 2 * np.pi * hz * seconds + 2.5 * wander + rng.uniform(0, 6.28)
    swell = 1 + 0.35 * np.sin(2 * np.pi * rng.uniform(0.3, 0.9) * seconds + rng.uniform(0, 6.28))
    main = swell * (np.sin(phase) + 0.3 * np.sin(2 * phase + rng.uniform(0, 6.28)))
    side = swell * np.sin(0.87 * phase + rng.uniform(0, 6.28))
    return np.asarray(amplitude * (np.outer(direction, main) + np.outer(across, side)))
