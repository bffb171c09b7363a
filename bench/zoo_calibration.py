"""Whether probabilities are frequencies, before and after calibration, with and without weights of rare labels.

    python bench/zoo_calibration.py [--seeds 3]

Trains the quickest network of the register as `zoo.py` does, and stores what it finds beside the runs of that in
docs/results.json, from which docs/results.md is written.
"""

import argparse
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch loads: as in a worker

import torch

from backend.ml.conclude import conclude
from backend.ml.evaluation.results import Evaluation
from backend.ml.training.train import train
from bench.zoo import store, stored
from bench.zoo_data import EXTERNAL_SETS, training_data
from bench.zoo_runs import Job, rounded, settings, test_elsewhere

MODEL = "xresnet1d18"


def measured(evaluation: Evaluation) -> dict[str, Any]:
    """Return calibration errors before and after, and what chance alone gives."""
    found = {
        "macro_auroc": rounded(evaluation.macro_auroc.value), "before": rounded(evaluation.ece_uncalibrated),
        "after": rounded(evaluation.ece), "chance": rounded(evaluation.ece_by_chance),
        "brier": rounded(evaluation.brier),
    }  # fmt: skip
    lines = [item.calibration for item in evaluation.classes if item.calibration]
    first = [item.uncalibrated for item in evaluation.classes if item.uncalibrated]
    return found | {
        "slopes": [rounded(one.slope.value) for one in lines],
        "intercepts": [rounded(one.intercept.value) for one in lines],
        "slopes_before": [rounded(one.slope.value) for one in first],
        "intercepts_before": [rounded(one.intercept.value) for one in first],
    }


def run(weights: bool, seed: int) -> dict[str, Any]:
    """Train one network and test it at home and elsewhere."""
    spec, config = settings(Job(MODEL, "scratch", seed, {}), None)
    config = replace(config, class_weights=weights)
    data = training_data(spec.preprocessing)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint, path = Path(folder) / "run.checkpoint", Path(folder) / "model.onnx"
        for _ in train(data, spec, config, checkpoint):
            pass
        result = conclude(data, spec, config, checkpoint, path)
        elsewhere = {name: rounded(test_elsewhere(name, path, result.spec).ece) for name in EXTERNAL_SETS}
    assert isinstance(result.evaluation, Evaluation)
    return {
        "model": MODEL,
        "class_weights": weights,
        "seed": seed,
        "records": [len(part) for part in (data.split.train, data.split.validation, data.split.test)],
        **measured(result.evaluation),
        "elsewhere": elsewhere,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    found = []
    for seed in range(1, 1 + given.seeds):
        for weights in (True, False):
            found.append(run(weights, seed))
            print(found[-1], flush=True)
            results = stored()
            results["calibration"] = found
            store(results)


if __name__ == "__main__":
    main()
