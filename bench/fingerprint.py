"""How often copies of real ECGs are found by their fingerprints, and how often other ECGs are taken for copies.

    python -m bench.fingerprint [--every 1]

Copies are made of the 500 Hz sets of ../shared/data; pairs are all of the 100 Hz sets and 300 simulated ECGs.
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from scipy.signal import butter, resample_poly, sosfiltfilt

from backend.ecg.fingerprint import ALIKE, BANDS, bands, fingerprint
from backend.ecg.synthesize import simulate_set

SHARED = Path(__file__).parents[2] / "shared" / "data"
RANDOM = np.random.default_rng(0)
HIGH = butter(2, 0.5, "high", fs=500, output="sos")
BAND = butter(4, [0.5, 40], "band", fs=500, output="sos")
COPIES = {
    "resampled to 100 Hz": (lambda x: resample_poly(x, 1, 5, axis=1), 100),
    "rounded to 5 uV": (lambda x: np.round(x / 0.005) * 0.005, 500),
    "gain of each lead within 1 %": (lambda x: x * RANDOM.uniform(0.99, 1.01, (12, 1)), 500),
    "noise of 10 uV": (lambda x: x + RANDOM.normal(0, 0.01, x.shape), 500),
    "noise of 20 uV": (lambda x: x + RANDOM.normal(0, 0.02, x.shape), 500),
    "high-pass 0.5 Hz": (lambda x: sosfiltfilt(HIGH, x, axis=1), 500),
    "band-pass 0.5 to 40 Hz": (lambda x: sosfiltfilt(BAND, x, axis=1), 500),
    "100 Hz, gain 1 %, noise, rounded": (
        lambda x: np.round(resample_poly(x, 1, 5, axis=1) * 1.01 / 0.005 + RANDOM.normal(0, 2, (12, 1000))) * 0.005,
        100,
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    every = parser.parse_args().every
    real = [x for path in sorted(SHARED.glob("*/*_500hz.npz")) for x in loaded(path)[::every]]
    began = time.process_time()
    originals = [fingerprint(x, 500) or "" for x in real]
    print(f"{len(real)} ECGs of 500 Hz, {(time.process_time() - began) / len(real) * 1000:.1f} ms of processor each")
    for name, (change, rate) in COPIES.items():
        shared = [
            int((bands([one]) == bands([fingerprint(change(x), rate) or one[::-1]])).sum())
            for one, x in zip(originals, real, strict=True)
        ]
        print(f"{name:34} found {np.mean(np.array(shared) >= ALIKE):.2%}")
    everyone = [(f"{path.stem} {row}", x) for path in sorted(SHARED.glob("*/*_100hz.npz")) if "zscored" not in path.stem
                for row, x in enumerate(loaded(path)[::every])]  # fmt: skip
    simulated = [(f"simulated {row}", one.recording.signal) for row, one in enumerate(simulate_set(300))]
    prints = [fingerprint(x, 100) for _, x in everyone] + [fingerprint(x, 500) for _, x in simulated]
    names = [name for name, _ in (*everyone, *simulated)]
    known = [(name, one) for name, one in zip(names, prints, strict=True) if one]
    each = bands([one for _, one in known])
    n = len(known)
    pairs = []
    for row in range(n):
        alike = np.flatnonzero((each[row + 1 :] == each[row]).sum(axis=1) >= ALIKE) + row + 1
        pairs += [(known[row][0], known[other][0], int((each[row] == each[other]).sum())) for other in alike]
    print(
        f"{n * (n - 1) // 2:,} pairs of {n} ECGs, {len(names) - n} without fingerprint; taken for copies: {len(pairs)}"
    )
    for one, other, shared_bands in pairs:
        print(f"  {one} and {other}: {shared_bands} of {BANDS} bands")


def loaded(path: Path) -> np.ndarray:
    with np.load(path) as content:
        return np.asarray(content["x"] * float(content["unit_mv"]))


if __name__ == "__main__":
    main()
