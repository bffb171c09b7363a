"""The base models that `zoo.py` fine-tunes: two of this platform, one of the platform it replaces.

`simulated` is the recommended network, trained here on simulated ECGs of five classes: nobody's recordings, so that
no test can have been seen. `xc_super_pretrained` is an XceptionTime that the original platform came with.
`cardx_shipped` is CardX as it ships: it has learned from folds 1 to 8 of PTB-XL, their labels too, and from no test.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from backend.ecg.preprocess import preset
from backend.ecg.synthesize import CLASSES, simulate_set
from backend.ml.architectures import RECOMMENDED, architecture
from backend.ml.conclude import conclude
from backend.ml.data.split import split
from backend.ml.data.training_data import TrainingData
from backend.ml.inference.onnx_weights import named_weights
from backend.ml.inference.predictor import Predictor
from backend.ml.packaging.package import MODEL
from backend.ml.spec import ModelSpec
from backend.ml.training.config import TrainingConfig, merged
from backend.ml.training.start import Base
from backend.ml.training.train import train
from backend.services.shipped import find
from bench.cardx_data import DATA, RATE

SIMULATED, ORIGINAL, CARDX = "simulated", "xc_super_pretrained", "cardx_shipped"
RECORDS, EPOCHS = 4000, 15  # of the simulated pre-training


def base_of(name: str, folder: Path) -> Base:
    """Return a base model; the simulated one is trained where `folder` does not hold it yet."""
    if name == ORIGINAL:
        path = DATA / "models" / f"{ORIGINAL}.onnx"
        return Base(name, Predictor.from_path(path).spec, path.read_bytes(), None)
    if name == CARDX:
        one = find("cardx")
        onnx = (one.folder / MODEL).read_bytes()
        return Base(name, one.manifest.spec, onnx, named_weights(onnx))
    path = folder / f"{name}-{RECOMMENDED}.onnx"
    weights = path.with_suffix(".safetensors")
    if not weights.exists():
        pretrain(path, weights)
    return Base(name, Predictor.from_path(path).spec, path.read_bytes(), weights.read_bytes())


def pretrain(path: Path, weights: Path) -> None:
    """Train the recommended network on simulated ECGs, once and for all."""
    entry = architecture(RECOMMENDED)
    preprocessing = preset("clinical", **entry.demands)
    simulated = list(simulate_set(RECORDS, seed=1, rate=RATE))
    labels = tuple(CLASSES)
    x = preprocessing(np.stack([one.recording.signal for one in simulated]), RATE)
    y = np.array([[one.label == label for label in labels] for one in simulated], np.float32)
    patients = [one.patient_id for one in simulated]
    data = TrainingData(x, y, split(y, patients, seed=1), tuple(patients))
    config = TrainingConfig.from_json(merged(entry.recipe, {"max_epochs": EPOCHS, "patience": EPOCHS}))
    spec = ModelSpec(
        architecture=entry.name, labels=labels, task="single_label", preprocessing=preprocessing,
        config=entry.defaults, window_s=config.augmentation.crop_seconds if config.windows else None,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "run.checkpoint"
        for _ in train(data, spec, config, checkpoint):
            pass
        result = conclude(data, spec, config, checkpoint, path)
    print(f"simulated: macro-AUROC {result.evaluation.macro_auroc.value:.4f} on simulated ECGs", flush=True)
    if result.weights is None:
        raise ValueError("A network of the register has weights.")
    fresh = weights.with_suffix(".new")
    fresh.write_bytes(result.weights)
    fresh.replace(weights)


def base_spec(base: Base, labels: tuple[str, ...]) -> ModelSpec:
    """Return the description of a model with these labels that is fine-tuned from `base`."""
    return replace(base.spec, labels=labels, label_names=(), codes={}, thresholds=(), task="multi_label", training=None)
