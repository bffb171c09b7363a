"""From the best checkpoint to a model one can use: thresholds, ONNX file, and an honest result on the test part."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from backend.ml.config import TrainingConfig
from backend.ml.data import TrainingData
from backend.ml.export import ExportReport, export_onnx
from backend.ml.learner import EVALUATION_BATCH
from backend.ml.metrics import Evaluation, best_thresholds, evaluate
from backend.ml.predict import Predictor, to_probabilities
from backend.ml.spec import ModelSpec, TrainingFacts
from backend.ml.train import trained_network
from backend.ml.versions import library_versions


@dataclass(frozen=True)
class FinishedModel:
    """The spec as it stands in the file, how the file was written, and how good it is."""

    spec: ModelSpec
    export: ExportReport
    evaluation: Evaluation


def finish(
    data: TrainingData,
    spec: ModelSpec,
    config: TrainingConfig,
    checkpoint: Path,
    path: Path,
    *,
    data_hash: str,
    created: str,
) -> FinishedModel:
    """Export the best epoch of `checkpoint` to the ONNX file `path` and evaluate that file on the test part.

    The thresholds of a multi-label model are those of the highest F1 on the validation part. `data_hash` and `created`
    (ISO 8601, UTC) go into the file with seed, settings and library versions.
    Raises CheckpointError where no epoch was finished, ExportError where the file does not answer as the network.
    """
    network = trained_network(spec, checkpoint)
    thresholds = spec.thresholds
    if spec.task == "multi_label":
        rows = data.split.validation
        with torch.inference_mode():
            parts = np.array_split(rows, -(-len(rows) // EVALUATION_BATCH))
            logits = np.concatenate([network(torch.from_numpy(data.x[part])).numpy() for part in parts])
        thresholds = best_thresholds(data.y[rows], to_probabilities(logits, spec.task))
    spec = replace(
        spec,
        thresholds=thresholds,
        training=TrainingFacts(
            seed=config.seed,
            data_hash=data_hash,
            created=created,
            versions=library_versions(),
            config=config.to_dict(),
        ),
    )
    report = export_onnx(network, spec, path)
    test = data.split.test
    predictor = Predictor.from_path(path, threads=config.threads or torch.get_num_threads())
    evaluation = evaluate(
        data.y[test],
        to_probabilities(predictor.logits(data.x[test]), spec.task),
        spec.labels,
        spec.task,
        spec.thresholds,
        None if data.patients is None else [data.patients[int(row)] for row in test],
        seed=config.seed,
    )
    return FinishedModel(spec, report, evaluation)
