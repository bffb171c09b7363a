"""One run of `zoo.py`: which model, which method, which seed; trained, exported, and the exported file tested."""

import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from backend.ecg.preprocess import preset
from backend.ml.architectures import architecture
from backend.ml.conclude import conclude
from backend.ml.evaluation.classification import evaluate
from backend.ml.evaluation.estimate import Estimate
from backend.ml.evaluation.results import Evaluation
from backend.ml.inference.predictor import Predictor, to_outputs
from backend.ml.spec import ModelSpec
from backend.ml.training.config import TrainingConfig, merged
from backend.ml.training.events import EpochDone
from backend.ml.training.recipe import fine_tuning
from backend.ml.training.start import Base
from backend.ml.training.train import train
from backend.ml.versions import library_versions
from bench.zoo_bases import base_of, base_spec
from bench.zoo_data import EXTERNAL_LABELS, EXTERNAL_SETS, LABELS, external, prepared, training_data

MEASURES = ("macro_auroc", "macro_f1", "weighted_f1")


@dataclass(frozen=True)
class Job:
    """`model` is an architecture of the register, or a base model; `shortened` are settings that save time."""

    model: str
    method: str
    seed: int
    shortened: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"{self.model}/{self.method}/{self.seed}"


def kept(folder: Path, key: str) -> Path:
    """Return where the exported file of a run stays."""
    return folder / f"{key.replace('/', '-')}.onnx"


def settings(
    job: Job, base: Base | None, labels: tuple[str, ...] = LABELS
) -> tuple[ModelSpec, TrainingConfig]:  # fmt: skip
    """Return what is trained: by the recipe of the architecture, or as suits the fine-tuning of the base model."""
    usual = {"seed": job.seed, "method": job.method, "threads": torch.get_num_threads()}
    if base is None:
        entry = architecture(job.model)
        config = TrainingConfig.from_json(merged(merged(entry.recipe, usual), job.shortened))
        spec = ModelSpec(
            architecture=entry.name,
            labels=labels,
            task="multi_label",
            preprocessing=preset("clinical", **entry.demands),
            config=entry.defaults,
            takes_patient=entry.takes_patient,
        )
        crop = config.augmentation.crop_seconds
        whole = not config.windows or crop is None or crop * spec.preprocessing.rate >= spec.n_samples
        return replace(spec, window_s=None if whole else crop), config
    suited = fine_tuning(base.spec.architecture, base.spec.window_s)
    config = TrainingConfig.from_json(merged(merged(suited, usual), job.shortened))
    return base_spec(base, labels), config


def run(job: Job, bases: Path, threads: int, keep: Path) -> dict[str, Any]:
    """Train, export and test; return what `zoo_page.py` tells. The exported file stays in `keep`."""
    torch.set_num_threads(threads)
    base = None if job.method == "scratch" else base_of(job.model, bases)
    spec, config = settings(job, base)
    data = training_data(spec.preprocessing)
    wall, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        checkpoint, path = Path(folder) / "run.checkpoint", Path(folder) / "model.onnx"
        epochs = [event for event in train(data, spec, config, checkpoint, base=base) if isinstance(event, EpochDone)]
        spent = {"seconds": round(time.perf_counter() - wall, 1), "cpu_seconds": round(time.process_time() - cpu, 1)}
        result = conclude(data, spec, config, checkpoint, path, base=base)
        tests = {"fold_9": summary(result.evaluation)} | {
            name: summary(test_elsewhere(name, path, result.spec)) for name in EXTERNAL_SETS
        }
        keep.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, kept(keep, job.key))
    best = max((epoch for epoch in epochs if epoch.best), key=lambda epoch: epoch.epoch)
    return {
        "model": job.model, "method": job.method, "seed": job.seed, "architecture": spec.architecture,
        "parameters": result.parameters, "records": [len(part) for part in (data.split.train, data.split.validation)],
        "epochs": len(epochs), "best_epoch": best.epoch, "validation_macro_auroc": rounded(best.macro_auroc),
        "threads": threads, **spent, "shortened": dict(job.shortened), "tests": tests,
        "config": json.loads(config.to_json()), "versions": library_versions(),
    }  # fmt: skip


def test_elsewhere(name: str, path: Path, spec: ModelSpec) -> Evaluation:
    """Evaluate an exported file on an external set, without the label that is recorded otherwise there."""
    recordings = external(name)
    logits = Predictor.from_path(path).logits(
        prepared(recordings, spec.preprocessing), recordings.patient if spec.takes_patient else None
    )
    n = len(EXTERNAL_LABELS)
    after, before = (to_outputs(logits, spec.task, fitted)[:, :n] for fitted in (spec.calibration, None))
    return evaluate(
        recordings.y[:, :n], after, EXTERNAL_LABELS, spec.task, spec.thresholds[:n], uncalibrated=before
    )  # fmt: skip


def summary(evaluation: Evaluation) -> dict[str, Any]:
    """Return each measure as [value, low, high], the AUROC of each class, and the ECE before and after calibration."""
    measures: dict[str, Estimate] = {name: getattr(evaluation, name) for name in MEASURES}
    found: dict[str, Any] = {
        name: [rounded(value.value), rounded(value.low), rounded(value.high)] for name, value in measures.items()
    }
    found["n"] = evaluation.n
    found["ece"] = [rounded(evaluation.ece_uncalibrated), rounded(evaluation.ece), rounded(evaluation.ece_by_chance)]
    found["auroc"] = {item.label: rounded(item.auroc.value) for item in evaluation.classes}
    return found


def rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
