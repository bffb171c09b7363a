"""Two tasks with few ECGs, told by five folds: Brugada's pattern (Brugada-HUCA) and Chagas disease (CODE-15).

    python bench/zoo_tasks.py [--repeats 3]

By the platform's own folds, by patient where that is known (not in CODE-15), and its own training. CardX has learned
from the Chagas labels of these ECGs and is left out there; it has never seen Brugada-HUCA. Stored beside the runs of
`zoo.py` in docs/results.json.
"""

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch loads: as in a worker

import numpy as np
import torch
from numpy.typing import NDArray

from backend.ecg.errors import PreprocessingError
from backend.ml.data.folds import FOLDS, divide_into_folds
from backend.ml.data.split import Split
from backend.ml.data.training_data import TrainingData
from backend.ml.evaluation.paired import compare
from backend.ml.training.cross_validation import CrossValidation
from backend.ml.training.events import FoldDone
from bench.cardx_data import RATE, rows_of
from bench.cardx_data import stored as signals_of
from bench.zoo import store, stored
from bench.zoo_bases import CARDX, base_of
from bench.zoo_runs import Job, rounded, settings

OWN = (("rlign_logistic", "scratch"), ("xresnet1d18", "scratch"), ("xception_time", "scratch"))
TASKS = {
    "brugada_huca": ("Brugada", "brugada", ((CARDX, "head"), (CARDX, "head_then_all"), *OWN)),
    "code15_more": ("Chagas", "chagas", OWN),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    for name in TASKS:
        found = task(name, given.repeats)
        print(found, flush=True)
        results = stored()
        results["tasks"] = {**results.get("tasks", {}), name: found}
        store(results)


def task(name: str, repeats: int) -> dict[str, Any]:
    """Cross-validate each candidate of a task, anew divided and trained in each repeat, and compare them."""
    label, column, candidates = TASKS[name]
    rows = sorted(rows_of(name), key=lambda row: int(row["row"]))
    y = np.array([[float(row[column]) > 0] for row in rows], np.float32)
    people = [row.get("same_signal_as") or row["patient_id"] or None for row in rows]
    signals = signals_of(name, None, "unit_mv")
    valid = [int(float(row.get("valid_samples_100hz") or signals.shape[2])) for row in rows]
    told = [
        np.stack([out_of_fold(model, method, label, signals, valid, y, people, seed) for seed in range(1, 1 + repeats)])
        for model, method in candidates
    ]
    found = compare(y, told, (label,), "multi_label", people, FOLDS)
    return {
        "label": label, "n": found.n, "n_patients": found.n_patients, "positive": int(y.sum()), "repeats": repeats,
        "candidates": ["/".join(one) for one in candidates],
        "scores": [rounded(score) for score in found.scores],
        "differences": [
            [one.first, one.second, rounded(one.estimate.value), rounded(one.estimate.low),
             rounded(one.estimate.high), rounded(one.p)]
            for one in found.differences
        ],
    }  # fmt: skip


def out_of_fold(
    model: str, method: str, label: str, signals: NDArray[np.float32], valid: Sequence[int], y: NDArray[np.float32],
    people: Sequence[str | None], seed: int,
) -> NDArray[np.float32]:  # fmt: skip
    """Return the logits (n, 1) that a candidate gives where it has not learned from the ECG."""
    base = None if method == "scratch" else base_of(model, Path(tempfile.gettempdir()))
    spec, config = settings(Job(model, method, seed, {}), base, (label,))
    x = np.zeros((len(y), 12, spec.preprocessing.n_samples), np.float32)
    for place, (signal, n) in enumerate(zip(signals, valid, strict=True)):
        try:
            x[place] = spec.preprocessing(signal[:, :n], RATE)
        except PreprocessingError:
            continue  # all zeros: too short, or no beats are found in it
    folds = divide_into_folds(y, people, seed=seed)
    everyone = np.arange(len(y))
    data = TrainingData(x, y, Split(everyone, everyone[:0], everyone[:0]), tuple(people))
    logits = np.full(y.shape, np.nan, np.float32)
    with tempfile.TemporaryDirectory() as folder:
        validation = CrossValidation(
            data, spec, config, folds, Path(folder) / "run.checkpoint", seed=seed, base=base
        )  # fmt: skip
        for event in validation.run():
            if isinstance(event, FoldDone):
                logits[event.rows] = event.logits
    return logits


if __name__ == "__main__":
    main()
