"""From a finished training to a model: calibration and thresholds from the validation part, the ONNX file, results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from backend.ml.architectures.cost import count_parameters
from backend.ml.architectures.named_weights import weights_bytes
from backend.ml.architectures.network import Network
from backend.ml.data.training_data import TrainingData
from backend.ml.errors import CheckpointError
from backend.ml.evaluation import evaluate
from backend.ml.evaluation.calibration import FEW_FOR_A_LINE
from backend.ml.evaluation.conformal import abstention
from backend.ml.evaluation.cross_validated import Recipe, evaluate_cross_validated
from backend.ml.evaluation.fold_spread import CrossValidation
from backend.ml.evaluation.out_of_fold import OutOfFold, calibration_of, stacked
from backend.ml.evaluation.routes import RouterReport
from backend.ml.evaluation.routes import watch as watch_routes
from backend.ml.evaluation.thresholds import RULES, best_thresholds
from backend.ml.export import ExportReport, export_onnx
from backend.ml.inference.predictor import Predictor, to_outputs
from backend.ml.spec import EXTERNAL, LabelTask, ModelSpec
from backend.ml.training import checkpoint as checkpoints
from backend.ml.training.answers import in_units, logits_of, patient_of, portions
from backend.ml.training.config import TrainingConfig
from backend.ml.training.train import trained_network

if TYPE_CHECKING:
    from backend.ml.evaluation.regression import RegressionEvaluation
    from backend.ml.evaluation.results import Evaluation
    from backend.ml.training.start import Base


@dataclass(frozen=True)
class Result:
    """What a training has come to; `spec` holds the calibration and the thresholds chosen.

    `weights` are the named weights (safetensors) of a network of the register, from which it can be fine-tuned; None
    for a foreign one, which is fine-tuned from its ONNX file. `routes` are those of the test part, of a sparse network.
    """

    spec: ModelSpec
    evaluation: "Evaluation | RegressionEvaluation"
    export: ExportReport
    parameters: int
    weights: bytes | None
    routes: RouterReport | None = None


def conclude(
    data: TrainingData,
    spec: ModelSpec,
    config: TrainingConfig,
    checkpoint: Path,
    path: Path,
    *,
    base: "Base | None" = None,
) -> Result:
    """Write the network of the best epoch to `path` as ONNX and evaluate that file on the test part.

    Calibration, thresholds (for a multi-label task) and the bands in which the model abstains are chosen on the
    validation part; the test part decides nothing. What is evaluated is the exported file itself, as whoever receives
    it will run it.
    Raises CheckpointError where no epoch was finished, ExportError where ONNX and torch disagree.
    """
    network = _network(spec, config, checkpoint, base)
    return conclude_network(network, data, spec, config, path, body=_same_body(spec, config, base))


def conclude_network(
    network: Network, data: TrainingData, spec: ModelSpec, config: TrainingConfig, path: Path, *,
    body: bytes | None = None,
) -> Result:  # fmt: skip
    """Do the same with a network that is there already, on the CPU, such as one that was averaged from several.

    `body` is an ONNX file of a network with the same body, where there is one.
    """
    points: dict[str, tuple[float, ...]] = {}
    if spec.task != "regression":
        rows = data.split.validation
        logits = logits_of(network, data, spec, rows)[None]
        spec, points = _chosen(spec, spec.task, data.y[rows], logits, _patients(data, rows), config)
    export = export_onnx(network, spec, path, body=body)
    evaluation, routes = _evaluate(data, spec, path, points)
    return _result(spec, evaluation, export, network, routes)


def conclude_cross_validated(
    data: TrainingData,
    spec: ModelSpec,
    config: TrainingConfig,
    checkpoint: Path,
    path: Path,
    found: OutOfFold,
    about: CrossValidation,
    *,
    base: "Base | None" = None,
) -> Result:
    """Write the network that learned from all records to `path` as ONNX; its results are those of the folds.

    Calibration, thresholds and bands are chosen on the out-of-fold outputs. Nobody is left to evaluate the exported
    file on, but its answers are checked to be those of the network. Raises what `conclude` raises.
    """
    network = _network(spec, config, checkpoint, base)
    points: dict[str, tuple[float, ...]] = {}
    truth, patients = data.y[found.rows], _patients(data, found.rows)
    task = spec.task
    if task != "regression":
        spec, points = _chosen(spec, task, truth, found.logits, patients, config)
    recipe = Recipe(
        answer=lambda logits, calibration: to_outputs(logits, task, calibration),
        calibrate=config.calibrate, rule=config.threshold_rule, cost=config.cost_of_missing, points=points,
    )  # fmt: skip
    evaluation = evaluate_cross_validated(spec, found, truth, patients, about, recipe)
    evaluation = replace(evaluation, notes=(*evaluation.notes, *_not_calibrated(spec)))
    export = export_onnx(network, spec, path, body=_same_body(spec, config, base))
    routes = None
    if network.routes:
        told = Predictor.from_path(path, threads=torch.get_num_threads()).routed(data.x[found.rows])[1]
        routes = _routes(spec, [told], truth)
    return _result(spec, evaluation, export, network, routes)


def _network(spec: ModelSpec, config: TrainingConfig, checkpoint: Path, base: "Base | None") -> Network:
    """Return the network that is kept, on the CPU, answering in units."""
    network = trained_network(spec, config, checkpoint, base=base)
    state = checkpoints.load(checkpoint)
    if state is None:
        raise CheckpointError("The checkpoint of this training is gone. Start the training again.")
    if state.target_scale is not None:
        in_units(network, *state.target_scale)
    return network


def _same_body(spec: ModelSpec, config: TrainingConfig, base: "Base | None") -> bytes | None:
    """Return the ONNX file of the base where only the head was trained, and whole ECGs are answered in one piece."""
    if base is None or base.weights is None or config.method != "head":
        return None
    return base.onnx if spec.window_s is None and base.spec.window_s is None else None


def _result(
    spec: ModelSpec, evaluation: "Evaluation | RegressionEvaluation", export: ExportReport, network: Network,
    routes: RouterReport | None,
) -> Result:  # fmt: skip
    return Result(
        spec=spec,
        evaluation=evaluation,
        export=export,
        parameters=count_parameters(network),
        weights=None if spec.architecture == EXTERNAL else weights_bytes(network),
        routes=routes,
    )


def _chosen(
    spec: ModelSpec,
    task: LabelTask,
    truth: NDArray[np.float32],
    logits: NDArray[np.float32],
    patients: list[str | None] | None,
    config: TrainingConfig,
) -> tuple[ModelSpec, dict[str, tuple[float, ...]]]:
    """Return the spec with all that logits of others than learned decide, and the thresholds (L,) by each rule.

    `truth` (n, L) and `logits` (repeats, n, L) are of the validation part, once, or out of fold.
    """
    fitted = calibration_of(logits, truth, task, patients) if config.calibrate else None
    spec = replace(spec, calibration=fitted, abstention=None)
    outputs = np.concatenate([to_outputs(one, task, fitted) for one in logits])
    truth = stacked(truth, len(logits))
    points: dict[str, tuple[float, ...]] = {}
    if task == "multi_label":
        points = {rule: best_thresholds(truth, outputs, rule, cost=config.cost_of_missing) for rule in RULES}
        spec = replace(spec, thresholds=points[config.threshold_rule])
        if config.cost_of_missing == 1 and config.threshold_rule != "costs":
            del points["costs"]  # nobody said what a missed label costs
    if config.abstain:
        once = slice(len(truth) // len(logits))  # repeats promise no more than one does
        bands = abstention(truth[once], outputs[once], task, spec.thresholds, config.abstain)
        spec = replace(spec, abstention=bands)
    return spec, points


def _evaluate(
    data: TrainingData, spec: ModelSpec, path: Path, points: Mapping[str, Sequence[float]]
) -> "tuple[Evaluation | RegressionEvaluation, RouterReport | None]":
    """Evaluate the exported file on the test part; of a sparse network, report on its routes by true label."""
    rows = data.split.test
    predictor = Predictor.from_path(path, threads=torch.get_num_threads())
    parts = [predictor.routed(data.x[part], patient_of(data, spec, part)) for part in portions(rows)]
    logits = np.concatenate([part for part, _ in parts])
    outputs = to_outputs(logits, spec.task, spec.calibration)
    before = None if spec.calibration is None else to_outputs(logits, spec.task)
    found = evaluate(spec, data.y[rows], outputs, _patients(data, rows), uncalibrated=before, operating_points=points)
    routes = _routes(spec, [part for _, part in parts], data.y[rows])
    return replace(found, notes=(*found.notes, *_not_calibrated(spec))), routes


def _routes(
    spec: ModelSpec, told: Sequence[NDArray[np.float32] | None], truth: NDArray[np.float32]
) -> RouterReport | None:
    """Report on routes (n, e), told in parts, by the label that the records (n, L) have; None of a network without."""
    weights = [part for part in told if part is not None]
    labels = {} if spec.task == "regression" else dict(zip(spec.labels, truth.T == 1, strict=True))
    return watch_routes(spec, np.concatenate(weights), labels) if weights else None


def _not_calibrated(spec: ModelSpec) -> list[str]:
    """Name the labels that had too few validation recordings for a calibration."""
    if spec.calibration is None:
        return []
    labels = [label for index, label in enumerate(spec.labels) if not spec.calibration.fitted(index)]
    if not labels:
        return []
    names = ", ".join(f"“{label}”" for label in labels)
    return [
        f"The probabilities of {names} are as the network gives them: a calibration takes "
        f"{FEW_FOR_A_LINE} validation patients with the label and as many without it."
    ]


def _patients(data: TrainingData, rows: NDArray[np.intp]) -> list[str | None] | None:
    return None if data.patients is None else [data.patients[int(row)] for row in rows]
