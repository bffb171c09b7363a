"""How often a learning curve says the right thing, and what twice the data really brought.

    python -m bench.learning_curves [--tasks 60]

Simulated tasks, truly cross-validated by logistic regressions (tests/ml/evaluation/learning_tasks.py): two features of
which a quarter of the records teaches all there is, or many of which all teach some. A quarter of the records are
second ones of a patient. "holds" is how often the interval of the last doubling holds its mean over all tasks.
"""

import argparse
import os
from collections import Counter

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from tests.ml.evaluation.learning_tasks import simulated

TASKS = ((2, 300, 2.0), (2, 1000, 2.0), (60, 300, 3.0), (60, 600, 4.0), (100, 800, 5.0))
VERDICTS = ("gain", "no_gain", "uncertain", "loss")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=60)
    options = parser.parse_args()
    print("features records  1/4   1/2   all   last doubling  holds  next doubling  " + "  ".join(VERDICTS))
    for features, n, signal in TASKS:
        found = [simulated(seed, features, n, signal) for seed in range(options.tasks)]
        twice = [simulated(1000 + seed, features, 2 * n, signal) for seed in range(options.tasks // 3)]
        scores = np.mean([[one.value or 0.0 for one in curve.scores] for curve in found], axis=0)
        last = np.array([curve.last.value or 0.0 for curve in found])
        holds = np.mean([(one.last.low or 0) <= last.mean() <= (one.last.high or 0) for one in found])
        really = np.mean([curve.scores[-1].value or 0.0 for curve in twice]) - scores[-1]
        said = Counter(curve.verdict for curve in found)
        print(
            f"{features:8} {n:7} {scores[0]:.3f} {scores[1]:.3f} {scores[2]:.3f} {last.mean():+14.3f} {holds:6.0%} "
            f"{really:+14.3f}  {'  '.join(f'{said[one]:>{len(one)}}' for one in VERDICTS)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
