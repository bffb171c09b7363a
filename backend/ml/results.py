"""From a finished training to a model: thresholds from the validation part, the ONNX file, results on the test part."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from backend.ml.data import TrainingData
from backend.ml.export import ExportReport, export_onnx
from backend.ml.learner import EVALUATION_BATCH
from backend.ml.metrics import Evaluation, best_thresholds, evaluate
from backend.ml.predict import Predictor, to_probabilities
from backend.ml.spec import ModelSpec
from backend.ml.train import trained_network


@dataclass(frozen=True)
class Result:
    """What a training has come to; `spec` holds the thresholds chosen."""

    spec: ModelSpec
    evaluation: Evaluation
    export: ExportReport
    parameters: int


def conclude(data: TrainingData, spec: ModelSpec, checkpoint: Path, path: Path, *, seed: int = 1) -> Result:
    """Write the network of the best epoch to `path` as ONNX and evaluate that file on the test part.

    For a multi-label task each label gets the threshold of the best F1 on the validation part; the test part decides
    nothing. What is evaluated is the exported file itself, as whoever receives it will run it.
    Raises CheckpointError where no epoch was finished, ExportError where ONNX and torch disagree.
    """
    network = trained_network(spec, checkpoint)
    if spec.task == "multi_label":
        rows = data.split.validation
        validation = to_probabilities(_logits(network, data.x, rows), spec.task)
        spec = replace(spec, thresholds=best_thresholds(data.y[rows], validation))
    export = export_onnx(network, spec, path)
    rows = data.split.test
    predictor = Predictor.from_path(path, threads=torch.get_num_threads())
    probabilities = to_probabilities(predictor.logits(data.x[rows]), spec.task)
    patients = None if data.patients is None else [data.patients[int(row)] for row in rows]
    evaluation = evaluate(data.y[rows], probabilities, spec.labels, spec.task, spec.thresholds, patients, seed=seed)
    return Result(spec, evaluation, export, sum(parameter.numel() for parameter in network.parameters()))


def _logits(network: nn.Module, x: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
    parts = np.array_split(rows, -(-len(rows) // EVALUATION_BATCH))
    with torch.inference_mode():
        return np.concatenate([network(torch.from_numpy(x[part])).numpy() for part in parts])
