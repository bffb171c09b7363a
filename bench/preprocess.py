"""Milliseconds to preprocess a 12-lead recording of 10 s at 500 Hz, one at a time, against plain scipy calls.

    OMP_NUM_THREADS=1 python bench/preprocess.py [--seconds 2]

The reference does the same steps as one writes them first: `butter` and `sosfiltfilt` at every call,
`scipy.signal.resample`, `np.quantile`, `scipy.ndimage.median_filter` over the (12, 1000) array, `scipy.stats.zscore`.
Both run in turn in the same process; the median is reported. The payload of the page and the simulation come after.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import scipy.signal
import scipy.stats
from scipy import ndimage

from backend.ecg.display import to_payload
from backend.ecg.preprocess import PRESETS, Preprocessing
from backend.ecg.synthesize import CLASSES, simulate

BUDGET_MS = {"exchangeai": 2.0, "paper": 2.0, "clinical": 1.5}


def naive(p: Preprocessing, x: np.ndarray, rate: float) -> np.ndarray:
    y = x.astype(np.float64)
    if p.bandpass:
        sos = scipy.signal.butter(4, p.bandpass, "bandpass", fs=rate, output="sos")
        y = scipy.signal.sosfiltfilt(sos, y, axis=-1)
    y = scipy.signal.resample(y, round(y.shape[-1] * p.rate / rate), axis=-1)[:, : p.n_samples]
    if p.clip:
        quantile, margin = p.clip
        low, high = np.quantile(y, (quantile, 1 - quantile), axis=-1, keepdims=True, method="nearest")
        y = np.clip(y, low - margin * (high - low), high + margin * (high - low))
    if p.baseline_ms:
        size = 2 * round(p.baseline_ms / 2000 * p.rate) + 1
        y = y - ndimage.median_filter(y, size=(1, size), mode="reflect")
    if p.standardise == "lead":
        y = scipy.stats.zscore(y, axis=-1)
    return y.astype(np.float32)


def medians(seconds: float, *functions: Callable[[], object]) -> list[float]:
    """Median ms of each function, called in turn for `seconds`."""
    times: list[list[float]] = [[] for _ in functions]
    for function in functions:
        function()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for function, its in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            its.append(time.perf_counter() - start)
    return [1000 * float(np.median(its)) for its in times]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="time a line of the table")
    seconds = parser.parse_args().seconds
    x = simulate("NORM", 1).recording.signal
    batch = np.stack([simulate(label, seed).recording.signal for label in CLASSES for seed in range(7)][:32])
    print(f"{'preset':12} {'ours ms':>8} {'plain scipy ms':>15} {'ratio':>6} {'budget ms':>10} {'ms each in 32':>14}")
    for name, p in PRESETS.items():
        np.testing.assert_allclose(p(x, 500), naive(p, x, 500), atol=1e-5)
        ours, theirs = medians(seconds, lambda p=p: p(x, 500), lambda p=p: naive(p, x, 500))
        (many,) = medians(seconds / 2, lambda p=p: p(batch, 500))
        print(f"{name:12} {ours:8.2f} {theirs:15.2f} {theirs / ours:6.1f} {BUDGET_MS[name]:10.1f} {many / 32:14.2f}")
    (payload,) = medians(seconds / 4, lambda: to_payload(x, 500))
    print(f"payload for the page, 12 x 5000: {payload:.3f} ms (budget 0.3)")
    for label in CLASSES:
        (made,) = medians(seconds / 4, lambda label=label: simulate(label, 1))
        print(f"simulated {label:5} 12 x 5000: {made:.2f} ms (budget 6)")


if __name__ == "__main__":
    main()
