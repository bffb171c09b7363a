"""A graph is traced once for all networks of one kind, and a kept one is used only where it is proven to be right."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import backend.ml.tracing as tracing
from backend.ml.architectures import ARCHITECTURES
from backend.ml.architectures.network import Network
from backend.ml.errors import ExportError
from backend.ml.export import export_onnx
from backend.ml.inference.predictor import Predictor
from tests.ml.small_networks import ecgs, lived_in, small_spec


class Scaled(Network):
    """The mean over time of a lead that is stretched by a number which no setting shows."""

    def __init__(self, scale: float, power: int = 1) -> None:
        super().__init__()
        self.power = power
        self._hidden = scale
        self.head = nn.Linear(12, 3)

    def features(self, x, patient=None):
        return (x * self._hidden).pow(self.power).mean(dim=2)


@pytest.fixture
def times(monkeypatch):
    """How often something was traced, of a process that has traced nothing yet."""
    trace, times = tracing._trace, []
    monkeypatch.setattr(tracing, "_trace", lambda *given: times.append(1) or trace(*given))
    monkeypatch.setattr(tracing, "_kept", {})
    return times


def exported(network, path, spec=None):
    """The file of a network, which answers as the network does."""
    export_onnx(network, spec or small_spec(ARCHITECTURES["inception_time"]), path)
    with torch.inference_mode():
        wanted = network.eval()(ecgs(5)).numpy()
    np.testing.assert_allclose(Predictor.from_path(path).logits(ecgs(5).numpy()), wanted, atol=1e-5)
    return path.read_bytes()


def test_networks_with_other_weights_take_the_graph_of_the_first(times, tmp_path):
    entry = ARCHITECTURES["inception_time"]
    first, again, other = (exported(lived_in(entry, seed), tmp_path / "model.onnx") for seed in (1, 1, 2))
    assert len(times) == 1
    assert first == again  # traced or not, the file is the same
    assert first != other


def test_another_setting_length_or_number_of_labels_is_traced_anew(times, tmp_path):
    spec = small_spec(ARCHITECTURES["inception_time"])
    exported(Scaled(1.0), tmp_path / "model.onnx")
    exported(Scaled(1.0, power=2), tmp_path / "model.onnx")
    assert len(times) == 2
    longer = small_spec(ARCHITECTURES["inception_time"], 250)
    export_onnx(Scaled(1.0), longer, tmp_path / "model.onnx")
    assert len(times) == 3
    two = Scaled(1.0)
    two.head = nn.Linear(12, 2)
    exported(two, tmp_path / "model.onnx", replace(spec, labels=("a", "b"), label_names=(), thresholds=()))
    export_onnx(Scaled(1.0), replace(spec, window_s=0.7), tmp_path / "model.onnx")
    assert len(times) == 5


def test_a_kept_graph_that_answers_otherwise_is_traced_anew_and_forgotten(times, tmp_path):
    exported(Scaled(1.0), tmp_path / "model.onnx")
    exported(Scaled(5.0), tmp_path / "model.onnx")
    exported(Scaled(5.0), tmp_path / "model.onnx")
    assert len(times) == 2


def test_what_differs_when_it_is_traced_anew_too_is_not_written(times, tmp_path, monkeypatch):
    right = Predictor.routed
    monkeypatch.setattr(Predictor, "routed", lambda *inputs: (right(*inputs)[0] + 1, None))
    with pytest.raises(ExportError, match="differs"):
        exported(Scaled(1.0), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_a_few_graphs_are_kept_without_weights_those_that_were_used_last(times, tmp_path, monkeypatch):
    monkeypatch.setattr(tracing, "KEPT", 2)
    for power in (1, 2, 1, 3, 1, 2):
        network = Scaled(1.0, power)
        exported(network, tmp_path / "model.onnx")
        assert len(tracing._kept) <= 2
    assert len(times) == 4
    weights = network.head.weight.detach().numpy().tobytes()
    assert not any(weights in content for content in tracing._kept.values())
