"""What a preset does to the accuracy of a network: InceptionTime on real recordings in mV, once a seed and preset.

    OMP_WAIT_POLICY=PASSIVE python bench/presets.py [--epochs 40] [--seeds 3] [--presets clinical st_preserving]

Trains on the superclasses (multi-label) of the raw PTB-XL recordings of folds 1 to 7, fold 8 chooses the epoch, and
prints the macro-AUROC, mean and standard deviation over the seeds, of three sets that were never trained on: fold 9
(only some 40 raw recordings), LUDB and the challenge mix (without HYP, which these record otherwise). 100 Hz.
"""

import argparse
import csv
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from backend.ecg.preprocess import PRESETS
from backend.ml.data.split import Split
from backend.ml.data.training_data import TrainingData
from backend.ml.evaluation.classification import macro_auroc
from backend.ml.inference.predictor import to_probabilities
from backend.ml.spec import ModelSpec
from backend.ml.training.config import TrainingConfig
from backend.ml.training.train import train, trained_network

LABELS = ("NORM", "MI", "STTC", "CD", "HYP")
RATE = 100.0
DATA = Path(__file__).parents[2] / "shared" / "data"
SETS = {"ptbxl": "ptbxl_raw_100hz.npz", "ludb": "ludb_100hz.npz", "challenge_mix": "challenge_mix_100hz.npz"}


def load(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return signals (n, 12, 1000) in mV, labels (n, 5) and folds (n,), 0 outside PTB-XL."""
    with np.load(DATA / name / SETS[name]) as z:
        x = (z["x"] * float(z["unit_mv"])).astype(np.float32)
    y, folds = np.zeros((len(x), len(LABELS)), np.float32), np.zeros(len(x), int)
    with (DATA / name / "labels.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            at = row["raw_row"] if name == "ptbxl" else row["row"]
            if at:
                y[int(at)] = [float(row[label]) for label in LABELS]
                folds[int(at)] = int(row.get("strat_fold") or 0)
    return x, y, folds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--presets", nargs="+", choices=list(PRESETS), default=list(PRESETS))
    given = parser.parse_args()
    loaded = [load(name) for name in SETS]
    sizes = np.cumsum([len(x) for x, _, _ in loaded])
    signals, y, folds = (np.concatenate([part[i] for part in loaded]) for i in range(3))
    tests = {"fold 9": np.flatnonzero(folds == 9), "ludb": np.arange(sizes[0], sizes[1])}
    tests["challenge_mix"] = np.arange(sizes[1], sizes[2])
    learnt, chooses = np.flatnonzero((folds > 0) & (folds < 8)), np.flatnonzero(folds == 8)
    split = Split(learnt, chooses, np.concatenate(list(tests.values())))
    print(f"{len(learnt)} recordings learnt, {len(chooses)} choose; tests: { {k: len(v) for k, v in tests.items()} }")
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    for name in given.presets:
        x, start = PRESETS[name](signals, RATE), time.perf_counter()
        values = [auroc(x, y, split, tests, name, seed, given.epochs) for seed in seeds]
        figures = "   ".join(
            f"{test} {np.mean([v[test] for v in values]):.3f} ± {np.std([v[test] for v in values]):.3f}"
            for test in tests
        )
        print(f"{name:15} {figures}   ({time.perf_counter() - start:.0f} s)", flush=True)


def auroc(
    x: np.ndarray, y: np.ndarray, split: Split, tests: dict[str, np.ndarray], preset: str, seed: int, epochs: int
) -> dict[str, float]:
    """Train one network and return its macro-AUROC on each test set."""
    spec = ModelSpec(architecture="inception_time", labels=LABELS, task="multi_label", preprocessing=PRESETS[preset])
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "run.pt"
        config = TrainingConfig(seed=seed, max_epochs=epochs)
        for _ in train(TrainingData(x, y, split), spec, config, checkpoint):
            pass
        network = trained_network(spec, config, checkpoint)
    found = {}
    for name, rows in tests.items():
        with torch.no_grad():
            logits = torch.cat([network(torch.from_numpy(x[part])) for part in np.array_split(rows, 4)])
        labels = slice(None) if name == "fold 9" else slice(0, 4)
        value = macro_auroc(y[rows][:, labels], to_probabilities(logits.numpy(), "multi_label")[:, labels])
        found[name] = float("nan") if value is None else value
    return found


if __name__ == "__main__":
    main()
