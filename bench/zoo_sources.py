"""Leave one source out: each hospital or device is tested by networks that have learned from all others.

    python bench/zoo_sources.py [--models xresnet1d18 rlign_logistic] [--seeds 3]

PTB-XL (folds 1 to 9), LUDB and the sets of the challenge mix, by the platform's own folds and training; NORM, MI, STTC
and CD, which all of them tell alike. What it finds stands beside the runs of `zoo.py` in docs/results.json.
"""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch loads: as in a worker

import numpy as np
import torch

from backend.ml.data.source_folds import SourceFolds, divide_by_source, title
from backend.ml.data.split import Split
from backend.ml.data.training_data import TrainingData
from backend.ml.evaluation.by_source import SourceScore, by_source
from backend.ml.training.cross_validation import CrossValidation
from backend.ml.training.events import FoldDone
from bench.cardx_data import rows_of
from bench.zoo import store, stored
from bench.zoo_data import EXTERNAL_LABELS, external, prepared, ptbxl
from bench.zoo_runs import Job, rounded, settings

NAMES = {"cpsc2018_extra": "cpsc2018"}  # one hospital network's recordings in two parts of the challenge


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["xresnet1d18", "rlign_logistic"])
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    for model in given.models:
        for seed in range(1, 1 + given.seeds):
            found = run(model, seed)
            print(found, flush=True)
            results = stored()
            results["by_source"] = {**results.get("by_source", {}), f"{model}/{seed}": found}
            store(results)


def run(model: str, seed: int) -> dict[str, Any]:
    """Train one network without each source in turn, and score it on that."""
    spec, config = settings(Job(model, "scratch", seed, {}), None, EXTERNAL_LABELS)
    sets = [ptbxl(), external("ludb"), external("challenge_mix")]
    mix = sorted(rows_of("challenge_mix"), key=lambda row: int(row["row"]))
    sources = ["ptbxl"] * len(sets[0].y) + ["ludb"] * len(sets[1].y)
    sources += [NAMES.get(row["source"], row["source"]) for row in mix]
    people = [None if one is None else f"ptbxl {one}" for one in sets[0].ids] + [None] * (len(sets[1].y) + len(mix))
    y = np.concatenate([one.y[:, : len(EXTERNAL_LABELS)] for one in sets])
    patient = np.concatenate([one.patient for one in sets])
    x = np.concatenate([prepared(one, spec.preprocessing) for one in sets])
    folds = divide_by_source(y, people, sources, labels=EXTERNAL_LABELS)
    everyone = np.arange(len(y))
    data = TrainingData(x, y, Split(everyone, everyone[:0], everyone[:0]), tuple(people), patient)
    logits = np.full(y.shape, np.nan, np.float32)
    with tempfile.TemporaryDirectory() as folder:
        validation = CrossValidation(data, spec, config, folds.folds, Path(folder) / "run.checkpoint", seed=seed)
        for event in validation.run():
            if isinstance(event, FoldDone):
                logits[event.rows] = event.logits
    tested = np.flatnonzero(np.isfinite(logits).all(axis=1))
    scores = by_source(
        [sources[row] for row in tested], y[tested], [logits[tested]], EXTERNAL_LABELS, "multi_label",
        [people[row] for row in tested],
    )  # fmt: skip
    return {"model": model, "seed": seed, "sources": [told(one, folds, sources) for one in scores]}


def told(one: SourceScore, folds: SourceFolds, sources: list[str]) -> dict[str, Any]:
    """Return the score of a source, and how many recordings of the others were there to learn from."""
    together = next((title(each) for each in folds.tested if one.name in each.names), one.name)
    learned = len(sources) - sum(each.n for each in folds.tested if one.name in each.names)
    score = one.scores[0]
    return {
        "source": one.name, "tested_with": together, "n": one.n, "learned_from": learned, "labels": list(one.labels),
        "macro_auroc": [rounded(score.value), rounded(score.low), rounded(score.high)],
    }  # fmt: skip


if __name__ == "__main__":
    main()
