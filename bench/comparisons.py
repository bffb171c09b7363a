"""How often a comparison names the planted winner, and how often nobody where there is none.

    python -m bench.comparisons [--tasks 100] [--recordings 400]

Simulated tasks, truly cross-validated by logistic regressions (tests/ml/evaluation/comparison_tasks.py): one of four
candidates sees the causes of the labels more clearly, by little or by much, or all see them alike.
"""

import argparse
import os
from collections import Counter

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from backend.ml.evaluation.recommended import recommend
from tests.ml.evaluation.comparison_tasks import task

NOISE = {
    "none": (0.8,) * 4,
    "small": (0.5, 0.8, 0.8, 0.8),
    "middle": (0.5, 1.0, 1.0, 1.0),
    "large": (0.5, 1.5, 1.5, 1.5),
}
SECONDS = (9.0, 3.0, 2.0, 1.0)  # the winner takes the longest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--recordings", type=int, default=400)
    options = parser.parse_args()
    print(f"{'advantage':10} {'AUROC of 1st':>12} {'of others':>10} {'winner named':>13} {'another':>8} {'nobody':>7}")
    for name, noise in NOISE.items():
        scores, said = [], Counter[str]()
        for seed in range(options.tasks):
            found = task(seed, noise, options.recordings)
            advice = recommend(found, SECONDS)
            scores.append(found.scores)
            said["nobody" if advice.verdict != "best" else "winner" if advice.chosen == 0 else "another"] += 1
        means = np.mean(np.array(scores, float), axis=0)
        counts = f"{said['winner']:13} {said['another']:8} {said['nobody']:7}"
        print(f"{name:10} {means[0]:12.3f} {means[1:].mean():10.3f} {counts}", flush=True)


if __name__ == "__main__":
    main()
