"""What `federated.py` is made of: sites that train, a coordinator that merges, a test; of the product's own parts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from backend.ecg.preprocess import preset
from backend.ml.architectures import architecture
from backend.ml.architectures.named_weights import load_strictly, weights_bytes
from backend.ml.architectures.windows import windowed
from backend.ml.data.split import Split
from backend.ml.data.training_data import TrainingData
from backend.ml.evaluation.thresholds import best_thresholds
from backend.ml.federated import delta as deltas
from backend.ml.federated.merge import Merged, merge, prepared
from backend.ml.federated.rules import Rules
from backend.ml.inference.predictor import to_outputs
from backend.ml.spec import ModelSpec
from backend.ml.training.augmentation import Augmentation
from backend.ml.training.config import TrainingConfig
from backend.ml.training.start import Base
from backend.ml.training.train import train, trained_network
from bench.federated_data import Ecgs

NETWORK = architecture("xresnet1d18")
WINDOW_S = 2.5
LOCAL = TrainingConfig(
    method="all", max_epochs=2, batch_size=32, learning_rate=0.003, schedule="exponential", gamma=1.0,
    monitor="last_epoch", threads=1, augmentation=Augmentation(crop_seconds=WINDOW_S),
)  # fmt: skip
"""What a site does in a round: two passes over its recordings, all layers, the last epoch is kept."""


@dataclass(frozen=True)
class Site:
    """A hospital; `scale` and `flip` are what a poisoned one does to its delta and to its labels."""

    name: str
    ecgs: Ecgs
    scale: float = 1.0
    flip: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)


def spec_of(labels: tuple[str, ...]) -> ModelSpec:
    return ModelSpec(
        architecture=NETWORK.name, labels=labels, task="multi_label", preprocessing=preset("clinical"),
        config=NETWORK.defaults | {"width": 16}, window_s=WINDOW_S,
    )  # fmt: skip


def fresh(spec: ModelSpec, seed: int) -> bytes:
    """Return weights drawn at random: the hardest base to start from."""
    return weights_bytes(NETWORK.build(12, spec.n_samples, len(spec.labels), spec.config, seed=seed))


def trained(ecgs: Ecgs, spec: ModelSpec, weights: bytes, config: TrainingConfig) -> bytes:
    """Return the weights after fine-tuning from `weights`; the product's own training."""
    rows = np.random.default_rng(config.seed).permutation(len(ecgs))
    part = max(2, len(rows) // 20)
    few = np.sort(rows[:part])  # decide nothing: the last epoch is kept, and what is tested is tested elsewhere
    split = Split(np.sort(rows[part:]), few, few)
    data = TrainingData(ecgs.x, ecgs.y, split, ecgs.patients, None)
    base = Base("base", spec, b"", weights)
    with TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "checkpoint"
        for _ in train(data, spec, config, checkpoint, base=base):
            pass
        return weights_bytes(trained_network(spec, config, checkpoint, base=base))


def one_round(
    sites: list[Site], spec: ModelSpec, weights: bytes, number: int, rules: Rules, seed: int, judge: Ecgs | None = None
) -> Merged:
    """Let every site train and send, then merge; with `judge`, the coordinator tries each contribution on these."""
    base = deltas.read_weights(weights)
    sent = {}
    for place, site in enumerate(sites):
        ecgs = replace(site.ecgs, y=1 - site.ecgs.y) if site.flip else site.ecgs
        config = replace(LOCAL, seed=seed * 10_000 + number * 100 + place, **site.settings)  # type: ignore[arg-type]
        after = deltas.read_weights(trained(ecgs, spec, weights, config))
        random = np.random.default_rng([seed, number, place])
        change, _, _ = prepared(base, after, rules, random)
        if site.scale != 1:
            whole = deltas.delta_of(base, after)  # it keeps to nothing that was agreed
            change = {name: np.asarray(value * site.scale, np.float32) for name, value in whole.items()}
        sent[site.name] = deltas.read_delta(deltas.delta_bytes(change), base), len(ecgs)

    def trial(those: deltas.Weights) -> float:
        assert judge is not None
        return macro_auroc(judge.y, probabilities(deltas.weights_bytes(those), spec, judge))

    return merge(base, sent, rules, np.random.default_rng([seed, number]), trial=None if judge is None else trial)


def macro_auroc(y: NDArray[np.float32], outputs: NDArray[np.float64]) -> float:
    """Return the mean AUROC of the labels that have both kinds (the rank sum of Mann and Whitney)."""
    found = []
    for truth, scores in zip(y.T > 0, outputs.T, strict=True):
        n, m = truth.sum(), (~truth).sum()
        if n and m:
            found.append((rankdata(scores)[truth].sum() - n * (n + 1) / 2) / (n * m))
    return float(np.mean(found))


def probabilities(weights: bytes, spec: ModelSpec, ecgs: Ecgs) -> NDArray[np.float64]:
    import torch

    network = NETWORK.build(12, spec.n_samples, len(spec.labels), spec.config, seed=0)
    load_strictly(network, weights)
    whole = windowed(network, spec).eval()
    with torch.inference_mode():
        parts = [whole(torch.from_numpy(part)).numpy() for part in np.array_split(ecgs.x, -(-len(ecgs) // 64))]
    return to_outputs(np.concatenate(parts), spec.task, None)


def scores(weights: bytes, spec: ModelSpec, validation: Ecgs, test: Ecgs) -> tuple[float, float]:
    """Return macro-F1 at thresholds chosen on the validation recordings, and macro-AUROC."""
    thresholds = best_thresholds(validation.y, probabilities(weights, spec, validation), "f1")
    outputs = probabilities(weights, spec, test)
    told = outputs >= np.asarray(thresholds)
    f1 = [2 * (t & p).sum() / max(1, t.sum() + p.sum()) for t, p in zip(test.y.T > 0, told.T, strict=True)]
    return float(np.mean(f1)), macro_auroc(test.y, outputs)
