"""An arm that is trained with labels by the platform's own recipe, from scratch or from the pre-trained network."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from backend.ecg.preprocess import Preprocessing, preset
from backend.ml.architectures import architecture
from backend.ml.architectures.named_weights import weights_bytes
from backend.ml.architectures.windows import windowed
from backend.ml.data.split import Split
from backend.ml.data.training_data import TrainingData
from backend.ml.errors import TrainingImpossibleError
from backend.ml.experiments.answers import judged
from backend.ml.experiments.material import Cohort, Material, Rows, Settings
from backend.ml.spec import ModelSpec
from backend.ml.training.config import TrainingConfig, merged
from backend.ml.training.recipe import fine_tuning
from backend.ml.training.start import Base
from backend.ml.training.train import train, trained_network

AT_ONCE = 64


@dataclass(frozen=True)
class Arm:
    """A network and how it is trained.

    From scratch it is one of `architecture`; with another method it is the pre-trained network, or with `random_base`
    the same network with random weights.
    """

    architecture: str = ""
    method: Literal["scratch", "head", "head_then_all"] = "scratch"
    random_base: bool = False
    preprocessing: Preprocessing | None = None  # None: clinical


@lru_cache(maxsize=8)
def prepared(cohort: Cohort, preprocessing: Preprocessing) -> NDArray[np.float32]:
    """Return the ECGs of a cohort as the network takes them, kept for the runs that follow."""
    return cohort.prepared(preprocessing)


def train_and_judge(
    arm: Arm, material: Material, rows: tuple[Rows, Rows], seed: int, settings: Settings, checkpoint: Path
) -> dict[str, Any]:
    """Train on the first rows, validate on the second, and return what `judged` says. A killed training goes on."""
    base = _base(arm, material, seed)
    entry = architecture(base.spec.architecture if base else arm.architecture)
    usual = entry.recipe if base is None else fine_tuning(entry.name, base.spec.window_s)
    wanted: dict[str, object] = {"seed": seed, "method": arm.method, "threads": settings.threads}
    if settings.epochs is not None:
        wanted |= {"max_epochs": settings.epochs, "patience": settings.epochs}
    config = TrainingConfig.from_json(merged(usual, wanted))
    preprocessing = base.spec.preprocessing if base else arm.preprocessing or preset("clinical", **entry.demands)
    crop = config.augmentation.crop_seconds
    whole = base is not None or entry.convex or not config.windows or crop is None
    spec = ModelSpec(
        architecture=entry.name, labels=material.labels, task=material.task, preprocessing=preprocessing,
        config=dict(base.spec.config) if base else _config(entry.name, settings),
        window_s=None if whole or crop is None or crop >= preprocessing.window_s else crop,
    )  # fmt: skip
    x = prepared(material.learn, preprocessing)
    data = TrainingData(x, material.learn.y, Split(*rows, material.split.test))
    for _ in train(data, spec, config, checkpoint, base=base):
        pass
    network = windowed(trained_network(spec, config, checkpoint, base=base), spec).eval()

    def logits(cohort: Cohort, chosen: Rows) -> NDArray[np.float32]:
        signals = prepared(cohort, preprocessing)
        with torch.inference_mode():
            parts = [network(torch.from_numpy(signals[part])) for part in _portions(chosen)]
        return torch.cat(parts).numpy()

    return judged(material, rows[1], logits)


def _config(name: str, settings: Settings) -> dict[str, int | float]:
    return architecture(name).complete(settings.config if name == "cardx" else {})


def _base(arm: Arm, material: Material, seed: int) -> Base | None:
    """Return what the arm starts from; the random twin has the shape of the base and weights drawn from the seed."""
    if arm.method == "scratch":
        return None
    base = material.base
    if base is None or base.weights is None:
        raise TrainingImpossibleError("This experiment starts from a pre-trained model. Name one with --base.")
    if not arm.random_base:
        return base
    spec = base.spec
    network = architecture(spec.architecture).build(
        len(spec.leads), spec.n_samples, len(spec.labels), dict(spec.config), seed=seed
    )
    return Base("random weights", spec, b"", weights_bytes(network))


def _portions(rows: Rows) -> list[Rows]:
    return np.array_split(rows, max(1, -(-len(rows) // AT_ONCE)))
