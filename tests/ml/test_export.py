from dataclasses import replace

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from safetensors.torch import load
from torch import nn

from backend.ml.architectures import architecture
from backend.ml.architectures.named_weights import weights_bytes
from backend.ml.architectures.network import Network
from backend.ml.errors import ExportError
from backend.ml.export import PARITY_BATCHES, export_onnx
from backend.ml.inference import parity
from backend.ml.inference.predictor import Predictor
from backend.ml.metadata import from_metadata
from tests.ml.conftest import N_SAMPLES


def inception(spec, seed=1):
    """A network whose running statistics are not those of a fresh one."""
    network = architecture(spec.architecture).build(12, spec.n_samples, len(spec.labels), spec.config, seed=seed)
    with torch.no_grad():
        for i in range(3):
            network.train()(torch.from_numpy(records(8, seed=i)) * 2 + 1)
    return network.eval()


def records(n, seed=0):
    return np.random.default_rng(seed).standard_normal((n, 12, N_SAMPLES)).astype(np.float32)


class WithPatient(Network):
    takes_patient = True

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(12, 4, 5)
        self.head = nn.Linear(8, 3)

    def features(self, x, patient=None):
        patient = x.new_zeros(x.shape[0], 4) if patient is None else patient
        return torch.cat([self.conv(x).mean(-1), patient], dim=1)


@pytest.fixture(scope="module")
def with_windows(tmp_path_factory):
    from backend.ecg.preprocess import preset
    from backend.ml.spec import ModelSpec

    spec = ModelSpec(
        architecture="inception_time",
        config={"filters": 4, "depth": 3, "kernel": 19},
        labels=("A", "B", "C"),
        task="single_label",
        preprocessing=preset("exchangeai", window_s=N_SAMPLES / 100),
        window_s=0.7,
    )
    network, path = inception(spec), tmp_path_factory.mktemp("export") / "a" / "model.onnx"
    return network, spec, path, export_onnx(network, spec, path)


def test_the_file_answers_as_the_mean_over_windows_of_the_torch_network(with_windows):
    network, _, path, report = with_windows
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    for size in PARITY_BATCHES:
        x = records(size, seed=size)
        with torch.inference_mode():
            parts = [network(torch.from_numpy(x[:, :, s : s + 70])) for s in (0, 35, 70, 105, 130)]
        (found,) = session.run(["self_1_1"], {"arg0": x})
        np.testing.assert_allclose(found, torch.stack(parts).mean(0).numpy(), atol=parity.EXPORT)
    assert report.parity <= parity.EXPORT
    assert path.stat().st_size == report.size


def test_the_file_is_for_inference_with_standard_operators_and_no_trace_of_this_machine(with_windows):
    _, spec, path, report = with_windows
    content = path.read_bytes()
    proto = onnx.load_from_string(content)
    onnx.checker.check_model(proto, full_check=True)
    maker = {name: node.op_type for node in proto.graph.node for name in node.output}
    normalised = [maker.get(node.input[0]) for node in proto.graph.node if node.op_type == "BatchNormalization"]
    assert "Conv" not in normalised  # it is part of the convolution then
    assert len(normalised) < 4  # that of a Concat has no convolution to go into
    assert {node.domain for node in proto.graph.node} <= {"", "ai.onnx"}
    assert not proto.functions
    assert report.opset == 18
    for trace in (b"/work", b"site-packages", b".py", b"/home", b"/root"):
        assert trace not in content
    shapes = {
        value.name: [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*proto.graph.input, *proto.graph.output)
    }
    assert shapes == {"arg0": ["batch", 12, N_SAMPLES], "self_1_1": ["batch", 3]}
    metadata = {entry.key: entry.value for entry in proto.metadata_props}
    assert from_metadata(metadata) == spec
    assert metadata["target_keys"] == "['A', 'B', 'C']"  # by which the original platform knows it


def test_age_and_sex_are_a_second_input_which_may_be_left_out(small_spec, tmp_path):
    torch.manual_seed(0)
    network, spec = WithPatient().eval(), replace(small_spec, takes_patient=True, window_s=1.0)
    export_onnx(network, spec, tmp_path / "m.onnx")
    predictor = Predictor.from_path(tmp_path / "m.onnx")
    assert [item.name for item in predictor.session.get_inputs()] == ["arg0", "patient"]
    x, patient = records(3), np.random.default_rng(1).random((3, 4)).astype(np.float32)
    with torch.inference_mode():
        parts = [network(torch.from_numpy(x[:, :, s : s + 100]), torch.from_numpy(patient)) for s in (0, 50, 100)]
    np.testing.assert_allclose(predictor.logits(x, patient), torch.stack(parts).mean(0).numpy(), atol=1e-5)
    np.testing.assert_array_equal(predictor.logits(x), predictor.logits(x, np.zeros((3, 4), np.float32)))
    assert np.abs(predictor.logits(x) - predictor.logits(x, patient)).max() > 1e-3


def test_outputs_in_the_hundreds_may_differ_by_as_many_digits(small_spec, tmp_path):
    network = inception(small_spec)
    with torch.no_grad():
        network.head.weight.mul_(3e4)
    assert np.abs(network(torch.from_numpy(records(7))).detach().numpy()).max() > 300
    assert export_onnx(network, small_spec, tmp_path / "m.onnx").parity <= parity.EXPORT


class Unequal(Network):
    """A network that asks for the batch as a number of Python."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(12, 3)

    def features(self, x, patient=None):
        return x.mean(-1) + x.new_zeros(len(x), 12)


def test_a_graph_for_one_size_of_batch_alone_is_refused(small_spec, tmp_path):
    with pytest.raises(ExportError, match="one size of batch"):
        export_onnx(Unequal().eval(), small_spec, tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_a_network_that_may_be_told_of_the_patient_takes_any_batch_without(small_spec, tmp_path):
    spec = replace(small_spec, architecture="dsail_snu", config={"filters": 4, "blocks": 1})
    network = architecture(spec.architecture).build(12, spec.n_samples, len(spec.labels), spec.config, seed=1)
    export_onnx(network, spec, tmp_path / "m.onnx")
    session = ort.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    assert [session.run(None, {"arg0": records(n)})[0].shape[0] for n in (1, 3)] == [1, 3]


def test_an_export_that_answers_otherwise_is_refused_and_leaves_no_file(small_spec, tmp_path, monkeypatch):
    right = Predictor.routed
    off = np.float32(1e-3)
    monkeypatch.setattr(Predictor, "routed", lambda self, *inputs: (right(self, *inputs)[0] + off, None))
    with pytest.raises(ExportError, match="differs from the trained one"):
        export_onnx(inception(small_spec), small_spec, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_the_weights_are_those_of_the_network_by_name(small_spec):
    network = inception(small_spec)
    network.again = network.head  # the same tensor under two names
    read = load(weights_bytes(network))
    state = network.state_dict()
    assert set(read) == set(state)
    assert all(torch.equal(read[name], state[name]) for name in state)
    assert any(name.endswith("running_var") for name in read)
