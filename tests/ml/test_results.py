import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from backend.ml.data import TrainingData
from backend.ml.errors import CheckpointError, ExportError
from backend.ml.export import export_onnx
from backend.ml.learner import build_network
from backend.ml.metrics import evaluate
from backend.ml.predict import Predictor, to_probabilities
from backend.ml.results import conclude
from backend.ml.spec import TrainingFacts
from backend.ml.split import split
from backend.ml.train import train
from backend.ml.versions import library_versions

from .conftest import waves


@pytest.mark.parametrize("task", ["single_label", "multi_label"])
def test_the_reported_result_is_that_of_the_exported_file(small_spec, small_config, tmp_path, task):
    x, y = waves(120, 3, task, seed=6)
    patients = tuple(str(i // 2) for i in range(120))
    data = TrainingData(x, y, split(y, patients, seed=1), patients)
    facts = TrainingFacts(
        seed=5,
        data_hash="0" * 64,
        created="2026-01-01T00:00:00Z",
        versions=library_versions(),
        config=small_config.to_dict(),
    )
    spec = replace(small_spec, task=task, training=facts)
    list(train(data, spec, replace(small_config, learning_rate=1e-2), tmp_path / "run.pt"))
    result = conclude(data, spec, tmp_path / "run.pt", tmp_path / "model.onnx", seed=5)

    predictor = Predictor.from_path(tmp_path / "model.onnx")
    assert predictor.spec == result.spec
    assert result.spec == replace(spec, thresholds=result.spec.thresholds)
    assert (result.spec.thresholds == (0.5,) * 3) == (task == "single_label")
    assert result.parameters == sum(p.numel() for p in build_network(spec).parameters())
    test = data.split.test
    probabilities = to_probabilities(predictor.logits(x[test]), task)
    drawn = [patients[i] for i in test]
    again = evaluate(y[test], probabilities, spec.labels, task, result.spec.thresholds, drawn, seed=5)
    assert again == result.evaluation
    json.dumps(result.evaluation.to_dict())


def test_without_a_finished_epoch_there_is_no_result(small_data, small_spec, tmp_path):
    with pytest.raises(CheckpointError, match="no model"):
        conclude(small_data, small_spec, tmp_path / "none.pt", tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_an_export_that_answers_otherwise_is_refused_and_leaves_no_file(small_spec, tmp_path, monkeypatch):
    right = Predictor.logits
    monkeypatch.setattr(Predictor, "logits", lambda self, x: right(self, x) + np.float32(1e-3))
    with pytest.raises(ExportError, match="differs from the trained one"):
        export_onnx(build_network(small_spec), small_spec, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_what_the_web_process_needs_does_not_load_torch():
    modules = "spec predict metrics split config data augment architectures versions"
    imports = "; ".join(f"import backend.ml.{module}" for module in modules.split())
    code = f"import sys; {imports}; sys.exit('torch' in sys.modules or 'onnx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_versions_name_what_decides_the_numbers():
    assert {"python", "numpy", "scipy", "torch", "onnx", "onnxruntime"} <= set(library_versions())
