import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load
from torch import nn

from backend.ml.architectures.network import Network
from backend.ml.conclude import conclude, in_units
from backend.ml.data.split import Split, split
from backend.ml.data.training_data import TrainingData
from backend.ml.errors import CheckpointError
from backend.ml.evaluation.classification import evaluate
from backend.ml.inference.predictor import Predictor, to_probabilities
from backend.ml.spec import TrainingFacts
from backend.ml.training.start import network_for
from backend.ml.training.train import train
from backend.ml.versions import library_versions
from tests.ml.conftest import N_SAMPLES, waves


def split_values(n):
    return Split(np.arange(0, n - 40), np.arange(n - 40, n - 20), np.arange(n - 20, n))


@pytest.mark.parametrize("task", ["single_label", "multi_label"])
def test_the_reported_result_is_that_of_the_exported_file(small_spec, small_config, tmp_path, task):
    x, y = waves(300, 3, task, seed=6)
    patients = tuple(str(i % 150) for i in range(300))
    data = TrainingData(x, y, split(y, patients, seed=1, fractions=(0.4, 0.4, 0.2)), patients)
    facts = TrainingFacts(
        seed=5,
        data_hash="0" * 64,
        created="2026-01-01T00:00:00Z",
        versions=library_versions(),
        config=small_config.to_dict(),
    )
    spec = replace(small_spec, task=task, training=facts)
    config = replace(small_config, learning_rate=1e-2, abstain=0.2)
    list(train(data, spec, config, tmp_path / "run.pt"))
    result = conclude(data, spec, config, tmp_path / "run.pt", tmp_path / "model.onnx")

    predictor = Predictor.from_path(tmp_path / "model.onnx")
    assert predictor.spec == result.spec
    chosen = {name: getattr(result.spec, name) for name in ("thresholds", "calibration", "abstention")}
    assert result.spec == replace(spec, **chosen)
    assert result.spec.abstention.error == 0.2
    assert (result.spec.thresholds == (0.5,) * 3) == (task == "single_label")
    assert result.parameters == sum(p.numel() for p in network_for(spec, config).parameters())
    assert set(load(result.weights)) == set(network_for(spec, config).state_dict())
    test = data.split.test
    logits = predictor.logits(x[test])
    calibrated = result.spec.calibration.line(logits)
    assert not np.array_equal(calibrated, logits)
    drawn = [patients[i] for i in test]
    again = evaluate(
        y[test], to_probabilities(calibrated, task), spec.labels, task, result.spec.thresholds, drawn,
        uncalibrated=to_probabilities(logits, task),
    )  # fmt: skip
    rest = {"operating_points": ()}
    assert again.classes == tuple(replace(item, **rest) for item in result.evaluation.classes)
    assert replace(again, classes=()) == replace(result.evaluation, classes=())
    rules = [point.rule for point in result.evaluation.classes[0].operating_points]
    assert rules == (["f1", "fmax", "youden", "sensitivity_90", "specificity_90"] if task == "multi_label" else [])
    json.dumps(result.evaluation.to_dict())


def test_without_a_finished_epoch_there_is_no_result(small_data, small_spec, small_config, tmp_path):
    with pytest.raises(CheckpointError, match="no model"):
        conclude(small_data, small_spec, small_config, tmp_path / "none.pt", tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_a_regression_answers_in_the_unit_of_its_target(small_spec, small_config, tmp_path):
    random = np.random.default_rng(0)
    x = random.standard_normal((90, 12, N_SAMPLES)).astype(np.float32)
    strength = random.uniform(0.2, 3, 90)
    x *= strength[:, None, None].astype(np.float32)
    y = np.column_stack([60 + 30 * strength, -5 * strength]).astype(np.float32)
    y[3, 1] = np.nan  # not known
    data = TrainingData(x, y, split_values(90))
    spec = replace(small_spec, labels=("rate", "axis"), label_names=(), thresholds=(), task="regression")
    config = replace(small_config, max_epochs=12, learning_rate=2e-2, patience=12)
    list(train(data, spec, config, tmp_path / "run.pt"))
    result = conclude(data, spec, config, tmp_path / "run.pt", tmp_path / "model.onnx")
    values = Predictor.from_path(tmp_path / "model.onnx").logits(x[data.split.test])
    truth = y[data.split.test]
    assert np.nanmean(np.abs(values[:, 0] - truth[:, 0])) < 0.6 * np.nanstd(truth[:, 0])  # in its own unit
    assert np.nanmean(np.abs(values[:, 1] - truth[:, 1])) < 0.6 * np.nanstd(truth[:, 1])
    assert result.evaluation.targets[0].mae.value == pytest.approx(np.abs(values[:, 0] - truth[:, 0]).mean(), rel=1e-4)


def test_the_head_takes_over_the_unit_exactly():
    class Head(Network):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(4, 2)

        def features(self, x, patient=None):
            return x

    network, x = Head(), torch.randn(6, 4)
    before = network(x).detach().numpy()
    in_units(network, [70.0, -3.0], [12.0, 0.5])
    np.testing.assert_allclose(network(x).detach().numpy(), before * [12.0, 0.5] + [70.0, -3.0], rtol=1e-5)


def test_what_the_web_process_needs_does_not_load_torch():
    modules = (
        "spec versions architectures data.split data.training_data training.config training.augment "
        "inference.predictor evaluation.classification"
    )
    imports = "; ".join(f"import backend.ml.{module}" for module in modules.split())
    code = f"import sys; {imports}; sys.exit('torch' in sys.modules or 'onnx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_versions_name_what_decides_the_numbers():
    assert {"python", "numpy", "scipy", "torch", "onnx", "onnxruntime"} <= set(library_versions())
