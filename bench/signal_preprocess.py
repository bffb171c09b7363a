"""Preprocessing of 12-lead ECGs of 10 s at 500 Hz: against the original's steps, and many of them on two cores.

    OMP_NUM_THREADS=1 python bench/signal_preprocess.py [--seconds 3] [--records 10000]

The reference is written as the original platform works: lead by lead in Python, `scipy.signal.resample`, clipping by
`np.quantile`, `scipy.ndimage.median_filter` over 201 samples. Both run in turn in one process on one core; medians in
ms. The stream of `--records` ECGs is made as it is read; its memory is the largest of all processes together.
"""

import argparse
import threading
import time
from collections.abc import Iterator

import numpy as np
import psutil
import scipy.signal
from scipy.ndimage import median_filter

from backend.ecg.filters import clip_quantiles, moving_median
from backend.ecg.preprocess import PRESETS
from backend.ecg.preprocess.many import preprocess_many
from backend.ecg.resample import fft_resample
from backend.ecg.synthesize import simulate
from bench.preprocess import medians


def resample_each(x: np.ndarray) -> np.ndarray:
    columns = x.T
    return np.column_stack(
        [scipy.signal.resample(columns[:, i], int(columns.shape[0] * 100 / 500)) for i in range(12)]
    ).T


def clip_each(x: np.ndarray) -> np.ndarray:
    clipped = np.empty_like(x)
    for i in range(12):
        low, high = (np.quantile(x[i], q, method="nearest") for q in (0.01, 0.99))
        clipped[i] = np.clip(x[i], low - 1.5 * (high - low), high + 1.5 * (high - low))
    return clipped


def baseline_each(x: np.ndarray) -> np.ndarray:
    result = np.zeros_like(x)
    for i in range(12):
        result[i] = x[i] - median_filter(x[i], size=201, mode="reflect", cval=0, axes=(-1))
    return result


class Peak:
    """Largest memory (proportional set size) of this process and its children, in MiB."""

    def __init__(self) -> None:
        self.mib, self.running = 0.0, True
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _watch(self) -> None:
        me = psutil.Process()
        while self.running:
            total = 0
            for process in [me, *me.children(recursive=True)]:
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
            self.mib = max(self.mib, total / 2**20)
            time.sleep(0.5)

    def stop(self) -> float:
        self.running = False
        self.thread.join()
        return self.mib


def stream(n: int, signals: list[np.ndarray]) -> Iterator[tuple[np.ndarray, float]]:
    for i in range(n):
        yield signals[i % len(signals)] + np.float32(1e-3 * i), 500.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--records", type=int, default=10_000)
    given = parser.parse_args()
    signals = [simulate("NORM", seed).recording.signal for seed in range(8)]
    x = signals[0].astype(np.float64)
    small = fft_resample(x, 500, 100)
    p = PRESETS["exchangeai"]
    np.testing.assert_allclose(p(x, 500), baseline_each(clip_each(resample_each(x))), atol=1e-6)
    pairs = (
        ("resample 500 to 100 Hz", lambda: resample_each(x), lambda: fft_resample(x, 500, 100)),
        ("moving median, 201", lambda: baseline_each(small), lambda: small - moving_median(small, 201)),
        ("clipping", lambda: clip_each(small), lambda: clip_quantiles(small, 0.01, 1.5)),
        ("all three, from 12 x 5000", lambda: baseline_each(clip_each(resample_each(x))), lambda: p(x, 500)),
    )
    print(f"{'':28} {'original ms':>12} {'ours ms':>8} {'ratio':>6}")
    for name, theirs, ours in pairs:
        a, b = medians(given.seconds, theirs, ours)
        print(f"{name:28} {a:12.3f} {b:8.3f} {a / b:6.1f}")
    for name, preset in PRESETS.items():
        (ms,) = medians(given.seconds / 2, lambda preset=preset: preset(x, 500))
        print(f"preset {name:21} {ms:21.3f}")
    whole, steady = {}, {}
    for workers in (1, 2):
        peak, start, first = Peak(), time.perf_counter(), 0.0
        for _ in preprocess_many(stream(given.records, signals), p, workers=workers):
            first = first or time.perf_counter()
        end = time.perf_counter()
        whole[workers], steady[workers] = end - start, end - first
        print(f"{given.records} ECGs, {workers} worker(s): {end - start:.2f} s, at most {peak.stop():.0f} MiB")
    print(f"two workers are {whole[1] / whole[2]:.2f} times as quick as one, "
          f"{steady[1] / steady[2]:.2f} times after their start")  # fmt: skip


if __name__ == "__main__":
    main()
