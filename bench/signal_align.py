"""Alignment against the published package rlign on real and simulated ECGs: agreement, its exceptions, speed.

    OMP_NUM_THREADS=1 python bench/signal_align.py [--data ../shared/data] [--at-500 4]

An ECG agrees where both results, all leads together, correlate by 0.99 or more on the samples that both define. Three
comparisons: both with the package's R peaks (NeuroKit, lead II), both with ours, and each with its own. Why the last
differ is counted: other beats, or another place within the same QRS. Every `--at-500`-th recording is also
taken at 500 Hz. Times are medians on one core, both in turn.
"""

import argparse
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import rlign.rlign as package

from backend.ecg.align import align, align_batch
from backend.ecg.beats import r_peaks
from backend.ecg.synthesize import CLASSES, simulate

FIND = package.find_rpeaks
FILES = ("ptbxl/ptbxl_raw", "ludb/ludb", "challenge_mix/challenge_mix")


def sets(data: Path, every: int) -> Iterator[tuple[str, int, np.ndarray]]:
    for name in FILES:
        for rate in (100, 500):
            with np.load(data / f"{name}_{rate}hz.npz") as z:
                x = (z["x"][:: 1 if rate == 100 else every] * float(z["unit_mv"])).astype(np.float32)
            yield name.split("/")[0], rate, x
    for rate, n in ((100, 20), (500, 20 // every)):
        made = [simulate(label, seed, rate=rate).recording.signal for label in CLASSES for seed in range(n)]
        yield "simulated", rate, np.stack(made)


def theirs(x: np.ndarray, rate: int, peaks: np.ndarray | None) -> np.ndarray | None:
    """The package's series with given R peaks; None where it hands the ECG back unchanged or fails."""
    package.find_rpeaks = lambda *_: peaks
    try:
        made, failed = package.Rlign(sampling_rate=rate, num_workers=1)._template_transform(x.astype(float))
    except ValueError:
        return None
    finally:
        package.find_rpeaks = FIND
    return None if failed else made


def correlation(
    x: np.ndarray, rate: int, own: np.ndarray, other: np.ndarray, expected: np.ndarray | None
) -> float | str:
    """Correlation of ours with R peaks `own` and the package's result, which had the R peaks `other`."""
    ours = align(x, rate, peaks=own)
    if expected is None or len(other) < 2:
        return "the package finds no two beats"
    if not ours.defined.any():
        return "no two beats are found here"
    both = ours.defined & np.isfinite(expected).all(axis=0)
    return float(np.corrcoef(ours.signal[:, both].ravel(), expected[:, both].ravel())[0, 1])


def reason(own: np.ndarray, other: np.ndarray, rate: int) -> str:
    near = np.abs(own[:, np.newaxis] - other)
    if len(own) != len(other) or (near.min(axis=1) > 0.12 * rate).any():
        first = abs(int(own[0]) - int(other[0])) > 0.12 * rate
        return "other beats, from the first on" if first else "other beats, later ones"
    away = 1000 * near.min(axis=1) / rate
    return "the same beats, R up to 10 ms apart" if away.max() <= 10 else "the same beats, R further apart"


def report(name: str, results: list[tuple[float | str, str]]) -> None:
    values = [value for value, _ in results if isinstance(value, float)]
    agree = sum(value >= 0.99 for value in values)
    print(f"{name}: {agree} of {len(values)} ECGs agree ({100 * agree / len(values):.1f} %), "
          f"median correlation {np.median(values):.5f}, lowest {min(values):.3f}")  # fmt: skip
    why = Counter(value for value, _ in results if isinstance(value, str))
    why += Counter(text for value, text in results if isinstance(value, float) and value < 0.99)
    for text, count in why.most_common():
        print(f"    {count:5}  {text}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--at-500", type=int, default=4)
    given = parser.parse_args()
    warnings.simplefilter("ignore")  # of the package, of empty means and such
    results: dict[str, list[tuple[float | str, str]]] = {
        "the package's R peaks": [],
        "our R peaks": [],
        "own R peaks": [],
    }
    speed = []
    for name, rate, signals in sets(given.data, given.at_500):
        times: list[list[float]] = [[], [], []]
        for x in signals:
            start = time.perf_counter()
            found = FIND(x[1].astype(float), rate)
            other = np.empty(0, int) if found is None else found
            expected = theirs(x, rate, found)
            times[0].append(time.perf_counter() - start)
            start = time.perf_counter()
            own = r_peaks(x, rate).samples
            middle = time.perf_counter()
            align(x, rate, peaks=own)
            times[1].append(time.perf_counter() - start)
            times[2].append(time.perf_counter() - middle)
            results["the package's R peaks"].append((correlation(x, rate, other, other, expected), "unexplained"))
            results["our R peaks"].append((correlation(x, rate, own, own, theirs(x, rate, own)), "unexplained"))
            why = reason(own, other, rate) if len(own) and len(other) else ""
            results["own R peaks"].append((correlation(x, rate, own, other, expected), why))
        start = time.perf_counter()
        align_batch(signals, rate)
        batch = (time.perf_counter() - start) / len(signals)
        speed.append((name, rate, len(signals), *(1000 * float(np.median(one)) for one in times), 1000 * batch))
    for which, values in results.items():
        report(f"both with {which}" if which != "own R peaks" else "each with its own R peaks", values)
    print(f"{'':10} {'Hz':>4} {'ECGs':>5} {'rlign ms':>9} {'ours ms':>8} {'ratio':>6} {'in a batch':>11} {'ratio':>6} "
          f"{'alignment alone':>16}")  # fmt: skip
    for name, rate, n, a, b, c, d in speed:
        print(f"{name:10} {rate:4} {n:5} {a:9.1f} {b:8.2f} {a / b:6.1f} {d:11.2f} {a / d:6.1f} {c:16.2f}")


if __name__ == "__main__":
    main()
