"""A model of which only the head was trained: the graph of its base with that head, where both have the same body."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

import backend.ml.export as export
from backend.ml.architectures import ARCHITECTURES, architecture
from backend.ml.export import export_onnx
from backend.ml.inference.onnx_weights import named_weights
from backend.ml.inference.predictor import Predictor
from backend.ml.packaging.manifest import Manifest
from backend.ml.pretraining.half import half_precision_file
from backend.ml.training.start import fresh_head
from tests.ml.conftest import N_SAMPLES
from tests.ml.small_networks import small_spec

SHIPPED = Path(__file__).parents[2] / "backend/weights/cardx"
NAMES = ["inception_time", "dsail_snu"]


@pytest.fixture(scope="module", params=NAMES)
def base(request, tmp_path_factory):
    """A network, its description and its ONNX file."""
    spec = small_spec(ARCHITECTURES[request.param])
    network = architecture(spec.architecture).build(12, N_SAMPLES, len(spec.labels), spec.config, seed=1)
    with torch.no_grad():  # running statistics that are not those of a fresh one
        network.train()(torch.from_numpy(records(8)) * 2 + 1)
    path = tmp_path_factory.mktemp("base") / "model.onnx"
    export_onnx(network, spec, path)
    return network.eval(), spec, path.read_bytes()


def records(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, 12, N_SAMPLES)).astype(np.float32)


def with_labels(base, *labels: str):
    network, spec, content = base
    network.head = fresh_head(network.head.in_features, len(labels), seed=7)
    return network, labelled(spec, *labels), content


def labelled(spec, *labels: str):
    return replace(spec, labels=labels, label_names=(), thresholds=())


@pytest.fixture
def traced(monkeypatch):
    """How often a network was traced."""
    times = []
    monkeypatch.setattr(export, "exported", lambda *given: times.append(1) or trace(*given))
    return times


trace = export.exported


@pytest.mark.parametrize("labels", [("a", "b", "c", "d", "e"), ("only",)])
def test_only_the_head_is_exchanged_and_the_file_answers_as_the_network(base, labels, traced, tmp_path):
    network, spec, content = with_labels(base, *labels)
    report = export_onnx(network, spec, tmp_path / "new.onnx", body=content)
    assert not traced
    assert report.parity < 1e-5
    onnx.checker.check_model(tmp_path / "new.onnx", full_check=True)
    predictor = Predictor.from_path(tmp_path / "new.onnx")
    x = records(5, seed=3)
    logits = predictor.logits(x)
    with torch.inference_mode():
        np.testing.assert_allclose(logits, network(torch.from_numpy(x)), atol=1e-5)
    assert logits.shape == (5, len(labels))
    assert predictor.spec.labels == labels


def test_with_another_body_it_is_traced_anew(base, traced, tmp_path):
    _, spec, content = with_labels(base, "a", "b")
    other = architecture(spec.architecture).build(12, N_SAMPLES, 2, spec.config, seed=2).eval()
    export_onnx(other, spec, tmp_path / "new.onnx", body=content)
    assert traced
    x = records(3)
    with torch.inference_mode():
        np.testing.assert_allclose(
            Predictor.from_path(tmp_path / "new.onnx").logits(x), other(torch.from_numpy(x)), atol=1e-5
        )


def test_with_records_of_another_length_it_is_traced_anew(base, traced, tmp_path):
    network, spec, content = with_labels(base, "a", "b")
    longer = small_spec(ARCHITECTURES[spec.architecture], 2 * N_SAMPLES)
    export_onnx(network, labelled(longer, "a", "b"), tmp_path / "new.onnx", body=content)
    assert traced


def test_a_file_in_half_precision_tells_its_routes_and_gets_a_new_head(traced, tmp_path):
    spec = small_spec(ARCHITECTURES["cardx"])
    network = architecture("cardx").build(12, N_SAMPLES, len(spec.labels), spec.config, seed=1).eval()
    content = half_precision_file(network, spec)
    assert set(network.state_dict()) == set(named(content))
    network.head = fresh_head(network.head.in_features, 4, seed=7)
    export_onnx(network, labelled(spec, "a", "b", "c", "d"), tmp_path / "new.onnx", body=content)
    assert not traced
    kept = {one.name for one in onnx.load(tmp_path / "new.onnx").graph.initializer}
    assert not {name for name in kept if name.endswith("head.weight/float16")}  # the old head is gone
    logits, routes = Predictor.from_path(tmp_path / "new.onnx").routed(records(2))
    with torch.inference_mode():
        np.testing.assert_allclose(logits, network(torch.from_numpy(records(2))), atol=1e-5)
    assert routes is not None
    np.testing.assert_allclose(routes.sum(axis=1), 1, atol=1e-6)


def test_what_ships_of_cardx_needs_no_tracing(traced, tmp_path):
    content = (SHIPPED / "model.onnx").read_bytes()
    spec = Manifest.from_json((SHIPPED / "manifest.json").read_text()).spec
    network = architecture("cardx").build(12, 1000, len(spec.labels), spec.config, seed=0)
    network.load_state_dict({name: value.float() for name, value in named(content).items()})
    network.head = fresh_head(512, 3, seed=1)
    report = export_onnx(network, labelled(spec, "a", "b", "c"), tmp_path / "new.onnx", body=content)
    assert not traced
    assert report.parity < 1e-5


def named(content: bytes) -> dict[str, torch.Tensor]:
    from safetensors.torch import load

    return load(named_weights(content))
