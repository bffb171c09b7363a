"""What filters and presets do to the ST segment: error of its level in simulated ECGs where it is known.

    OMP_NUM_THREADS=1 python bench/st_level.py [--records 60]

Normal simulated ECGs of 10 s at 500 Hz get a raised or lowered ST segment of up to 0.3 mV, different in each lead. The
truth is read without noise; then come the simulation's own noise and a strong wander (0.5 mV at 0.15 to 0.4 Hz). ST is
the level 60 ms after J less the level before QRS, measured at each beat: mean and standard deviation of its error over
beats and leads, without and with wander, in µV. Presets that standardise are measured without that last step.
"""

import argparse
import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from backend.ecg.filters import moving_median, two_stage_median
from backend.ecg.preprocess import PRESETS, preset
from backend.ecg.synthesize.patient import draw_heart
from backend.ecg.zero_phase import bandpass, high_pass, notch

RATE = 500
simulation: Any = importlib.import_module("backend.ecg.synthesize.simulate")  # the function of this name hides it


def st_shape(n: int, j_points: np.ndarray) -> np.ndarray:
    """A plateau of 1 from J on for 120 ms that falls to 0 within as much again, once a beat."""
    since = (np.arange(n) - j_points[:, np.newaxis]) / RATE
    rise, fall = np.clip((since + 0.01) / 0.01, 0, 1), np.clip((0.24 - since) / 0.12, 0, 1)
    return (0.25 * (1 - np.cos(np.pi * rise)) * (1 - np.cos(np.pi * fall))).sum(axis=0)


def level(x: np.ndarray, rate: float, r_peaks: np.ndarray, qrs_s: float) -> np.ndarray:
    """ST levels (12, beats): 60 ms after J less the mean of 10 to 30 ms before QRS."""

    def at(seconds: np.ndarray) -> np.ndarray:
        return np.stack([np.interp(seconds * rate, np.arange(x.shape[-1]), lead) for lead in x])

    r = r_peaks / RATE
    start, j = r - 0.44 * qrs_s, r + 0.56 * qrs_s
    return at(j + 0.06) - np.mean([at(start - before) for before in (0.01, 0.02, 0.03)], axis=0)


def made(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]:
    """Return the signal without and with noise, with wander as well, R peaks and QRS duration."""
    heart = draw_heart("NORM", simulation._rng(seed, 0))
    one = simulation.simulate("NORM", seed)
    keep = simulation.electrode_noise
    simulation.electrode_noise = lambda n, *_: np.zeros((9, n))
    quiet = simulation.simulate("NORM", seed).recording.signal.astype(float)
    simulation.electrode_noise = keep
    rng = np.random.default_rng(seed)
    peaks = one.r_peaks[(one.r_peaks > 0.5 * RATE) & (one.r_peaks < 9.5 * RATE)]
    st = rng.uniform(-0.3, 0.3, (12, 1)) * st_shape(quiet.shape[1], one.r_peaks + 0.56 * heart.qrs_s * RATE)
    noisy = one.recording.signal + st
    t = np.arange(quiet.shape[1]) / RATE
    wander = 0.5 * np.sin(2 * np.pi * rng.uniform(0.15, 0.4, (12, 1)) * t + rng.uniform(0, 6.28, (12, 1)))
    return quiet + st, noisy, noisy + wander, peaks, heart.qrs_s


def resampled(name: str) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: preset(name, standardise="none")(x, RATE)


CASES: dict[str, tuple[float, Callable[[np.ndarray], np.ndarray]]] = {
    "nothing": (RATE, lambda x: x),
    "moving median 200 ms": (RATE, lambda x: x - moving_median(x, 101)),
    "moving median 600 ms": (RATE, lambda x: x - moving_median(x, 301)),
    "moving median 2000 ms": (RATE, lambda x: x - moving_median(x, 1001)),
    "two-stage median 200 + 600 ms": (RATE, lambda x: x - two_stage_median(x, 101, 301)),
    "high-pass 0.05 Hz": (RATE, lambda x: high_pass(x, RATE, 0.05)),
    "high-pass 0.3 Hz": (RATE, lambda x: high_pass(x, RATE, 0.3)),
    "high-pass 0.5 Hz": (RATE, lambda x: high_pass(x, RATE, 0.5)),
    "high-pass 0.67 Hz": (RATE, lambda x: high_pass(x, RATE, 0.67)),
    "band-pass 0.5 to 40 Hz": (RATE, lambda x: bandpass(x, RATE, 0.5, 40)),
    "notch 50 Hz": (RATE, lambda x: notch(x, RATE, 50)),
} | {f"preset {name}": (p.rate, resampled(name)) for name, p in PRESETS.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=40)
    ecgs = [made(seed) for seed in range(parser.parse_args().records)]
    print(f"{'':32} {'noise: mean':>12} {'SD':>6} {'wander: mean':>14} {'SD':>6} {'worst record':>13}   (µV)")
    for name, (rate, change) in CASES.items():
        cells = []
        for which in (1, 2):
            errors = [
                1000 * (level(change(ecg[which]), rate, ecg[3], ecg[4]) - level(ecg[0], RATE, ecg[3], ecg[4]))
                for ecg in ecgs
            ]
            every = np.concatenate([error.ravel() for error in errors])
            cells += [every.mean(), every.std()]
        worst = max(float(np.abs(np.median(error, axis=1)).max()) for error in errors)
        print(f"{name:32} {cells[0]:12.1f} {cells[1]:6.1f} {cells[2]:14.1f} {cells[3]:6.1f} {worst:13.1f}")


if __name__ == "__main__":
    main()
