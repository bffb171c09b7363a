"""From a finished training to a model: thresholds from the validation part, the ONNX file, results on the test part."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from backend.ml import checkpoint as checkpoints
from backend.ml.architectures.network import Network
from backend.ml.config import TrainingConfig
from backend.ml.data import TrainingData
from backend.ml.errors import CheckpointError
from backend.ml.export import ExportReport, export_onnx, weights_bytes
from backend.ml.metrics import Evaluation, best_thresholds, evaluate
from backend.ml.predict import Predictor, to_outputs
from backend.ml.spec import EXTERNAL, ModelSpec
from backend.ml.train import trained_network
from backend.ml.windows import windowed

if TYPE_CHECKING:
    from backend.ml.base import Base
    from backend.ml.regression import RegressionEvaluation

PORTION = 64  # records in memory at once


@dataclass(frozen=True)
class Result:
    """What a training has come to; `spec` holds the thresholds chosen.

    `weights` are the named weights (safetensors) of a network of the register, from which it can be fine-tuned; None
    for a foreign one, which is fine-tuned from its ONNX file.
    """

    spec: ModelSpec
    evaluation: "Evaluation | RegressionEvaluation"
    export: ExportReport
    parameters: int
    weights: bytes | None


def conclude(
    data: TrainingData,
    spec: ModelSpec,
    config: TrainingConfig,
    checkpoint: Path,
    path: Path,
    *,
    base: "Base | None" = None,
    seed: int = 1,
) -> Result:
    """Write the network of the best epoch to `path` as ONNX and evaluate that file on the test part.

    For a multi-label task each label gets the threshold of the best F1 on the validation part; the test part decides
    nothing. What is evaluated is the exported file itself, as whoever receives it will run it.
    Raises CheckpointError where no epoch was finished, ExportError where ONNX and torch disagree.
    """
    network = trained_network(spec, config, checkpoint, base=base)
    state = checkpoints.load(checkpoint)
    if state is None:
        raise CheckpointError("The checkpoint of this training is gone. Start the training again.")
    if state.target_scale is not None:
        in_units(network, *state.target_scale)
    if spec.task == "multi_label":
        rows = data.split.validation
        validation = to_outputs(_logits(network, data, spec, rows), spec.task)
        spec = replace(spec, thresholds=best_thresholds(data.y[rows], validation))
    export = export_onnx(network, spec, path)
    return Result(
        spec=spec,
        evaluation=_evaluate(data, spec, path, seed),
        export=export,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        weights=None if spec.architecture == EXTERNAL else weights_bytes(network),
    )


def in_units(network: Network, means: Sequence[float], sds: Sequence[float]) -> None:
    """Make a network that answers in standard deviations of its L targets answer in their units, in its head."""
    mean, sd = (torch.tensor(values, dtype=network.head.weight.dtype) for values in (means, sds))
    with torch.no_grad():
        network.head.weight.mul_(sd[:, None])
        network.head.bias.mul_(sd).add_(mean)


def _evaluate(data: TrainingData, spec: ModelSpec, path: Path, seed: int) -> "Evaluation | RegressionEvaluation":
    """Evaluate the exported file on the test part."""
    rows = data.split.test
    predictor = Predictor.from_path(path, threads=torch.get_num_threads())
    parts = [predictor.logits(data.x[part], _patient(data, spec, part)) for part in _portions(rows)]
    outputs = to_outputs(np.concatenate(parts), spec.task)
    patients = None if data.patients is None else [data.patients[int(row)] for row in rows]
    if spec.task == "regression":
        from backend.ml.regression import evaluate_regression

        return evaluate_regression(data.y[rows], outputs, spec.labels, patients, seed=seed)
    return evaluate(data.y[rows], outputs, spec.labels, spec.task, spec.thresholds, patients, seed=seed)


def _logits(network: Network, data: TrainingData, spec: ModelSpec, rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the logits of the torch network for the records `rows`."""
    whole = windowed(network, spec).eval()
    parts = []
    with torch.inference_mode():
        for part in _portions(rows):
            patient = _patient(data, spec, part)
            inputs = [torch.from_numpy(array) for array in (data.x[part], patient) if array is not None]
            parts.append(whole(*inputs).numpy())
    return np.concatenate(parts)


def _patient(data: TrainingData, spec: ModelSpec, rows: NDArray[np.intp]) -> NDArray[np.float32] | None:
    return data.patient[rows] if spec.takes_patient and data.patient is not None else None


def _portions(rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    return np.array_split(rows, max(1, -(-len(rows) // PORTION)))
