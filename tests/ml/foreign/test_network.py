"""Foreign classifiers of several architectures and dialects: converted, trained, written back; or trained frozen."""

import copy
import sys
import warnings

import numpy as np
import onnx
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from backend.ecg.preprocess import preset
from backend.ml.architectures import architecture
from backend.ml.errors import ModelInvalidError, SettingError
from backend.ml.export import export_onnx
from backend.ml.foreign import network as foreign
from backend.ml.foreign.network import ForeignNetwork, FrozenTrunk
from backend.ml.inference.predictor import Predictor
from backend.ml.spec import ModelSpec
from tests.ml.foreign_graphs import Attention, N, Plain, Recurrent, TimeFirst, exported, loaded, noise

SPEC = ModelSpec(
    architecture="external",
    labels=("A", "B"),
    task="single_label",
    preprocessing=preset("exchangeai", window_s=N / 100),
)
LEGACY = {"opset": 17, "dynamo": False}
CASES = {
    "convolutions": (Plain, LEGACY, "onnx2torch"),
    "written in training mode": (Plain, {**LEGACY, "training": True}, "onnx2torch"),
    "one record at a time": (Plain, {**LEGACY, "batch": 1}, "onnx2torch"),
    "time first": (TimeFirst, {**LEGACY, "time_first": True}, "onnx2torch"),
    "attention": (Attention, LEGACY, "onnx2torch"),
    "new exporter": (Plain, {"opset": 18}, "onnx2torch"),
    "attention, new exporter": (Attention, {"opset": 20}, "onnx2pytorch"),
    "recurrent": (Recurrent, LEGACY, None),
    "recurrent, one record at a time": (lambda: Recurrent(nn.LSTM), {**LEGACY, "batch": 1}, None),
}


@pytest.fixture(scope="module")
def files():
    """The file of each case, and the network it was written from."""
    torch.manual_seed(0)
    made = {}

    def of(case):
        if case not in made:
            network = CASES[case][0]()
            made[case] = network, exported(network, **CASES[case][1])
        return made[case]

    return of


def steps(network, parameters, n=8):
    """Teach a few records, and return the losses."""
    x, y = torch.from_numpy(noise(8, seed=5)), torch.arange(8) % 2
    optimizer = torch.optim.Adam(parameters, 5e-3)
    losses = []
    network.train()
    for _ in range(n):
        loss = cross_entropy(network(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("case", CASES)
def test_its_body_is_kept_trained_and_written_back(case, files, tmp_path):
    original, content = files(case)
    facts = foreign.facts_of(content)
    assert facts.converter == CASES[case][2]
    assert facts.width == 16
    network = foreign.load(content, 2, seed=1).eval()
    assert isinstance(network, FrozenTrunk if facts.converter is None else ForeignNetwork)
    assert network.head.out_features == 2

    # the old head upon the embedding answers as the network did from which the file was written
    x = noise(5)
    last = original.fc
    with torch.inference_mode():
        old = original.eval()(torch.from_numpy(noise(5, time_first=CASES[case][1].get("time_first", False))))
        np.testing.assert_allclose(last(network.features(torch.from_numpy(x))).numpy(), old.numpy(), atol=1e-4)

    losses = steps(network, network.parameters(), 30 if facts.converter is None else 8)
    assert losses[-1] < losses[0]
    report = export_onnx(network.eval(), SPEC, tmp_path / "m.onnx")
    assert report.parity <= 1e-5
    onnx.checker.check_model(onnx.load(tmp_path / "m.onnx"), full_check=True)
    predictor = Predictor.from_path(tmp_path / "m.onnx")
    with torch.inference_mode():
        np.testing.assert_allclose(predictor.logits(x), network(torch.from_numpy(x)).numpy(), atol=1e-4)

    again = foreign.load((tmp_path / "m.onnx").read_bytes(), 2, seed=1).eval()  # our file is foreign to itself
    with torch.inference_mode():
        wanted = network.features(torch.from_numpy(x)).numpy()
        np.testing.assert_allclose(again.features(torch.from_numpy(x)).numpy(), wanted, atol=1e-4)


@pytest.mark.parametrize("case", [case for case, (_, _, converter) in CASES.items() if converter])
def test_every_weight_of_the_body_can_be_trained(case, files):
    original, content = files(case)
    network = foreign.load(content, 2, seed=1).train()
    network(torch.from_numpy(noise(8))).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
    assert sum(p.numel() for p in network.body.parameters() if p.dim() > 1) == sum(
        p.numel() for p in original.parameters() if p.dim() > 1 and p is not original.fc.weight
    )


def test_running_statistics_move_as_those_of_the_original_network(files):
    original, content = files("written in training mode")
    network = foreign.load(content, 2, seed=1).train()
    x = torch.from_numpy(noise(8, seed=3)) * 3
    original = copy.deepcopy(original).train()
    with torch.no_grad():
        network.features(x)
        for layer in original.body:
            layer.p = 0.0
        original(x)
    moved = [m for m in network.body.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    wanted = [m for m in original.modules() if isinstance(m, nn.BatchNorm1d)]
    assert len(moved) == 2
    for found, expected in zip(moved, wanted, strict=True):
        torch.testing.assert_close(found.running_mean, expected.running_mean, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(found.running_var, expected.running_var, atol=1e-5, rtol=1e-4)


def test_the_second_converter_moves_them_alike(files, monkeypatch):
    def fails(proto):
        raise NotImplementedError("not today")

    monkeypatch.setattr("backend.ml.foreign.convert._onnx2torch", fails)
    _, content = files("written in training mode")
    assert foreign.facts_of(content).reasons == {"onnx2torch": "NotImplementedError: not today"}
    test_running_statistics_move_as_those_of_the_original_network(files)


def test_a_converter_that_answers_wrongly_is_passed_over(files, monkeypatch):
    class Wrong(nn.Module):
        def __init__(self, body):
            super().__init__()
            self.body = body

        def forward(self, x):
            return self.body(x) * 1.001

    from backend.ml.foreign import convert

    right = convert._onnx2torch
    monkeypatch.setattr(convert, "_onnx2torch", lambda proto: Wrong(right(proto)))
    facts = foreign.facts_of(files("convolutions")[1])
    assert facts.converter == "onnx2pytorch"
    assert "answers otherwise than onnxruntime" in facts.reasons["onnx2torch"]


def test_the_head_is_drawn_from_the_seed_and_nothing_else_random_changes(files):
    _, content = files("convolutions")
    torch.manual_seed(7)
    wanted = torch.rand(1)
    torch.manual_seed(7)
    one, same, other = (foreign.load(content, 3, seed=seed) for seed in (1, 1, 2))
    assert torch.rand(1) == wanted
    assert torch.equal(one.head.weight, same.head.weight)
    assert not torch.equal(one.head.weight, other.head.weight)


def test_a_frozen_trunk_is_copied_gives_no_gradient_and_takes_only_its_length(files):
    network = foreign.load(files("recurrent")[1], 2, seed=1)
    assert network.frozen
    assert {name for name, _ in network.named_parameters()} == {"head.weight", "head.bias"}
    x = torch.from_numpy(noise(130)).requires_grad_()
    embedding = network.features(x)
    assert embedding.shape == (130, 16)
    assert not embedding.requires_grad
    assert torch.equal(copy.deepcopy(network).features(x[:3]), network.features(x[:3]))
    for case in ("recurrent", "convolutions"):
        with pytest.raises(SettingError, match="whole ECGs of 200 samples"):
            foreign.load(files(case)[1], 2, seed=1).features(x[:2, :, :100])


def test_names_in_a_file_never_become_code(files):
    proto = loaded(files("convolutions")[1])
    evil = 'x"), __import__("sys").modules.__setitem__("owned", 1), getattr(self, "y'
    for i, node in enumerate(proto.graph.node):
        node.name = f"{evil}{i}"
    proto.graph.input[0].name, old = evil, proto.graph.input[0].name
    for node in proto.graph.node:
        node.input[:] = [evil if name == old else name for name in node.input]
    network = foreign.load(proto.SerializeToString(), 2, seed=1)
    network(torch.from_numpy(noise(2)))
    assert "owned" not in sys.modules
    assert network.converter == "onnx2torch"


def test_a_small_native_network_is_fine_tuned_from_its_file_alone(tmp_path):
    spec = ModelSpec(
        architecture="inception_time", config={"filters": 4, "depth": 3, "kernel": 9}, labels=("A", "B", "C"),
        task="single_label", preprocessing=SPEC.preprocessing, window_s=1.0,
    )  # fmt: skip
    native = architecture(spec.architecture).build(12, N, 3, spec.config, seed=1)
    export_onnx(native, spec, tmp_path / "m.onnx")
    bare = loaded((tmp_path / "m.onnx").read_bytes())
    del bare.metadata_props[:]
    network = foreign.load(bare.SerializeToString(), 2, seed=1)
    assert isinstance(network, ForeignNetwork)
    losses = steps(network, network.parameters())
    assert losses[-1] < losses[0]
    assert export_onnx(network.eval(), SPEC, tmp_path / "tuned.onnx").parity <= 1e-5


def test_nothing_is_printed_or_warned_of(files, capfd):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        network = foreign.load(files("attention, new exporter")[1], 2, seed=1)
        network(torch.from_numpy(noise(2)))
    assert not [str(item.message) for item in caught if issubclass(item.category, UserWarning)]
    assert capfd.readouterr() == ("", "")


def test_bytes_that_are_no_model_are_refused():
    with pytest.raises(ModelInvalidError):
        foreign.load(b"hello", 2, seed=1)
