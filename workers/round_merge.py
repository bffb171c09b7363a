"""From averaged weights to a model: exported, and judged by recordings of the coordinator where there are any."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from backend.db.tables import Json, Model
from backend.ml.data.training_data import TrainingData
from backend.ml.evaluation.scores import auroc
from backend.ml.federated.delta import Weights, weights_bytes
from backend.ml.inference.predictor import to_outputs
from backend.ml.spec import ModelSpec
from backend.ml.training.config import TrainingConfig
from backend.services import runs
from workers.lifecycle import RunningJob
from workers.prepare import prepare
from workers.runs import data_of

if TYPE_CHECKING:
    from backend.ml.architectures.network import Network

PREPARED = 0.1  # share of the progress bar


@dataclass(frozen=True, eq=False)
class Judge:
    """The recordings of a run of the coordinator, in the parts that it had: the test part has taught nobody here."""

    data: TrainingData
    spec: ModelSpec
    config: TrainingConfig

    def macro_auroc(self, weights: Weights) -> float | None:
        """Return how well a network with these weights tells the labels on the validation part."""
        from backend.ml.training.answers import logits_of  # loads torch

        rows = self.data.split.validation
        logits = logits_of(_network(self.spec, weights_bytes(weights)), self.data, self.spec, rows)
        outputs = np.asarray(to_outputs(logits, self.spec.task), np.float64)
        truth = self.data.y[rows] > 0
        known = [column for column in range(truth.shape[1]) if 0 < truth[:, column].sum() < len(truth)]
        if not known:
            return None
        return float(np.mean([auroc(truth[:, column], outputs[:, column]) for column in known]))


@dataclass(frozen=True, eq=False, kw_only=True)
class Made:
    """A model that was made of averaged weights; `note` says in words what it was judged by."""

    spec: ModelSpec
    onnx: bytes
    weights: bytes
    parity: float
    note: str
    evaluation: Json = field(default_factory=dict)


@contextmanager
def judge_of(job: RunningJob, base: Model) -> Iterator[Judge | None]:
    """Prepare the recordings of the run that the job names to judge by; None where it names none."""
    if job.payload["run_id"] is None:
        yield None
        return
    spec = _bare(base)
    with job.read() as session:
        row = runs.get(session, job.project_id, job.payload["run_id"])
        labelled, split = runs.split_examples(session, row)
    array = job.settings.data_dir / "prepared" / f"round-{job.id}.npy"
    try:
        ready = prepare(job, labelled, spec.preprocessing, array, PREPARED)
        facts = {"columns": row.facts["labels"]} | row.facts | {"labels": list(spec.labels), "task": spec.task}
        data = data_of(labelled, facts, ready, split, spec.architecture)
        yield Judge(data, spec, TrainingConfig.from_json(row.settings["training"]))
    finally:
        array.unlink(missing_ok=True)


def made_of(base: Model, weights: Weights, judge: Judge | None) -> Made:
    """Export a network with these weights; with a judge, choose thresholds and calibration, and evaluate it."""
    from backend.ml.conclude import conclude_network  # these load torch
    from backend.ml.export import export_onnx

    data, spec = weights_bytes(weights), _bare(base)
    network = _network(spec, data)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        if judge is None:
            parity = export_onnx(network, spec, path).parity
            note = "Thresholds are 0.5 and probabilities as the network gives them: fit both to your recordings."
            return Made(spec=spec, onnx=path.read_bytes(), weights=data, parity=parity, note=note)
        result = conclude_network(network, judge.data, spec, judge.config, path)
        return Made(
            spec=result.spec, onnx=path.read_bytes(), weights=data, parity=result.export.parity,
            note="Thresholds, calibration and results are of recordings of the coordinator.",
            evaluation=result.evaluation.to_dict(),
        )  # fmt: skip


def _bare(base: Model) -> ModelSpec:
    """Return the description of the base without what was chosen for its own weights."""
    return replace(ModelSpec.from_json(base.spec), calibration=None, abstention=None, thresholds=(), training=None)


def _network(spec: ModelSpec, weights: bytes) -> "Network":
    from backend.ml.architectures.named_weights import load_strictly  # these load torch
    from backend.ml.foreign.weights import build

    network = build(spec)
    load_strictly(network, weights)
    return network
