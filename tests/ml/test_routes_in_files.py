"""A sparse network tells in its file which experts saw an ECG; files that do not are read as before."""

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from onnx import TensorProto, helper

from backend.ml import export
from backend.ml.architectures.cardx import CardX
from backend.ml.architectures.named_weights import weights_bytes
from backend.ml.architectures.windows import window_starts
from backend.ml.conclude import conclude
from backend.ml.data.split import split
from backend.ml.data.training_data import TrainingData
from backend.ml.errors import ExportError, ModelInvalidError
from backend.ml.export import export_onnx
from backend.ml.foreign.network import load
from backend.ml.foreign.weights import check_native
from backend.ml.inference.predictor import Predictor
from backend.ml.inference.trial import graph_of, run_trial
from backend.ml.training.start import Base
from backend.ml.training.train import train
from tests.ml import small_networks
from tests.ml.conftest import N_SAMPLES, waves
from tests.ml.small_networks import ecgs


@pytest.fixture(scope="module", params=[None, 0.7], ids=["whole", "windows"])
def written(request, tmp_path_factory):
    whole = small_networks.written("cardx")
    if request.param is None:
        return whole.network, whole.spec, whole.content
    spec, path = replace(whole.spec, window_s=request.param), tmp_path_factory.mktemp("sparse") / "model.onnx"
    export_onnx(whole.network, spec, path)
    return whole.network, spec, path.read_bytes()


def torch_routes(network: CardX, x: torch.Tensor, window_s: float | None) -> np.ndarray:
    """The mean over windows, computed one by one."""
    if window_s is None:
        parts = [x]
    else:
        n = round(window_s * 100)
        parts = [x[..., start : start + n] for start in window_starts(x.shape[-1], n)]
    with torch.inference_mode():
        return np.mean([network.routed(part)[1].weights.numpy() for part in parts], axis=0)


@pytest.mark.parametrize("n", [1, 2, 7, 20])
def test_onnxruntime_alone_tells_the_routes_of_the_torch_network(written, n):
    network, spec, content = written
    x = ecgs(n, seed=n)
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_outputs()] == ["self_1_1", "routes"]
    logits, routes = session.run(["self_1_1", "routes"], {"arg0": x.numpy()})
    np.testing.assert_allclose(routes, torch_routes(network, x, spec.window_s), atol=1e-5)
    np.testing.assert_allclose(routes.sum(axis=1), 1, atol=1e-5)
    told = Predictor.from_bytes(content).routed(x.numpy())
    np.testing.assert_allclose(told[0], logits, atol=1e-5)
    np.testing.assert_allclose(told[1], routes, atol=1e-5)


def test_a_file_with_two_outputs_is_tried_taken_apart_and_checked_as_one_with_one(written):
    network, _spec, content = written
    assert [port.name for port in graph_of(content).outputs] == ["self_1_1", "routes"]
    assert run_trial(content).numbers > 1000
    assert check_native(content, weights_bytes(network)) < 1e-4
    again = load(content, 2, seed=1)  # as a graph from elsewhere
    assert again.eval()(ecgs(3)).shape == (3, 2)


def only_logits(content: bytes) -> bytes:
    proto = onnx.load_model_from_string(content)
    del proto.graph.output[1:]
    for node in proto.graph.node:
        for names in (node.input, node.output):
            names[:] = ["shares" if name == "routes" else name for name in names]
    return proto.SerializeToString()


def test_a_file_of_an_earlier_version_answers_and_says_nothing_of_routes(written):
    _, _spec, content = written
    x = ecgs(5).numpy()
    logits, routes = Predictor.from_bytes(only_logits(content)).routed(x)
    assert routes is None
    np.testing.assert_allclose(logits, Predictor.from_bytes(content).logits(x), atol=1e-6)
    outputs, told = Predictor.from_bytes(only_logits(content)).answers(ecgs(2, 200).numpy(), 100.0)
    assert (outputs.shape, told) == ((2, 3), None)


def test_a_second_output_of_that_name_that_tells_no_routes_is_refused(written):
    _, _, content = written
    proto = onnx.load_model_from_string(only_logits(content))
    proto.graph.node.append(helper.make_node("Concat", ["self_1_1", "self_1_1"], ["routes"], axis=1))
    proto.graph.output.append(helper.make_tensor_value_info("routes", TensorProto.FLOAT, None))
    with pytest.raises(ModelInvalidError, match="routes of the shape"):
        run_trial(proto.SerializeToString())


def test_a_file_that_tells_other_routes_than_the_network_is_not_written(tmp_path, monkeypatch):
    right = Predictor.routed
    monkeypatch.setattr(Predictor, "routed", lambda *inputs: (right(*inputs)[0], right(*inputs)[1][:, ::-1]))
    whole = small_networks.written("cardx")
    monkeypatch.setattr(export, "exported", lambda *_: onnx.load_model_from_string(whole.content))
    with pytest.raises(ExportError, match="other routes"):
        export_onnx(whole.network, whole.spec, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_a_training_reports_the_routes_of_its_test_part_by_true_label(small_config, tmp_path):
    x, y = waves(120, 3, "multi_label", seed=2)
    data = TrainingData(x, y, split(y, [None] * 120, seed=1))
    network, spec, _, content = small_networks.written("cardx")
    base = Base("sparse", spec, content, weights_bytes(network))
    config = replace(small_config, method="head", max_epochs=1)  # whose file needs no half minute of tracing
    for _ in train(data, spec, config, tmp_path / "run.pt", base=base):
        pass
    result = conclude(data, spec, config, tmp_path / "run.pt", tmp_path / "model.onnx", base=base)
    assert result.routes is not None
    test = data.split.test
    assert result.routes.n == len(test)
    assert [one.n for one in result.routes.by_label] == y[test].sum(axis=0).tolist()
    weights = Predictor.from_path(tmp_path / "model.onnx").routed(x[test])[1]
    free = weights[:, [0, 1, 3]] / weights[:, [0, 1, 3]].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(result.routes.shares, free.mean(axis=0), atol=1e-3)
    np.testing.assert_allclose(result.routes.by_label[1].shares, free[y[test][:, 1] == 1].mean(axis=0), atol=1e-3)


def test_a_dense_network_has_one_output():
    content = small_networks.written("xresnet1d18").content
    assert len(ort.InferenceSession(content).get_outputs()) == 1
    assert Predictor.from_bytes(content).routed(ecgs(2, N_SAMPLES).numpy())[1] is None
