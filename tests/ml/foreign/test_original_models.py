"""The models of the original platform: imported, predicting as it predicts, fine-tuned and exported."""

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import scipy.special
import torch
from torch.nn.functional import cross_entropy

from backend.ecg.preprocess import PRESETS, preset
from backend.ecg.synthesize import simulate_set
from backend.ml.conclude import conclude
from backend.ml.data.split import Split
from backend.ml.data.training_data import TrainingData
from backend.ml.foreign import network as foreign
from backend.ml.inference.predictor import Predictor
from backend.ml.training.augmentation import Augmentation
from backend.ml.training.config import TrainingConfig
from backend.ml.training.start import Base, network_for
from backend.ml.training.train import train, trained_network
from tests.ml.conftest import SHARED_MODELS

MODELS = {  # labels, units a millivolt
    "xc_super_pretrained": (("CD", "HYP", "MI", "STTC"), 1000),
    "XceptionTime_untrained": (("none0", "none1"), 1),
    "InceptionTime_untrained": (("None1", "None2"), 1),
}
METHODS = {"head": "InceptionTime_untrained", "all": "xc_super_pretrained", "head_then_all": "XceptionTime_untrained"}
LABELS = ("NORM", "CLBBB")
pytestmark = pytest.mark.skipif(
    not SHARED_MODELS.exists(), reason="the models of the original platform are not on this machine"
)


def content(name):
    return (SHARED_MODELS / f"{name}.onnx").read_bytes()


def oracle(data, signal, units):
    """What the original platform answers to 500 Hz recordings in mV: its preprocessing, its scale, softmax."""
    session = ort.InferenceSession(data, providers=["CPUExecutionProvider"])
    x = (PRESETS["exchangeai"](signal, 500) * units).astype(np.float32)
    return scipy.special.softmax(session.run(None, {session.get_inputs()[0].name: x})[0], 1)


@pytest.fixture(scope="module")
def ecgs():
    """Simulated ECGs at 500 Hz, in mV, of two kinds."""
    simulated = list(simulate_set(70, seed=1, rate=500))
    chosen = [one for one in simulated if one.label in LABELS][:24]
    signal = np.stack([one.recording.signal for one in chosen])
    return signal, np.array([[one.label == label for label in LABELS] for one in chosen], np.float32)


def loss_of(network, data):
    rows = data.split.train
    with torch.inference_mode():
        return cross_entropy(network(torch.from_numpy(data.x[rows])), torch.from_numpy(data.y[rows])).item()


@pytest.mark.parametrize("name", MODELS)
def test_they_predict_as_the_original_platform_does(name, ecgs):
    labels, units = MODELS[name]
    predictor = Predictor.from_bytes(content(name))
    assert predictor.spec.labels == labels
    assert predictor.spec.preprocessing == preset("exchangeai", units_per_mv=units)
    signal = ecgs[0][:3]
    np.testing.assert_allclose(predictor.probabilities(signal, 500), oracle(content(name), signal, units), atol=1e-4)


@pytest.mark.parametrize("name", MODELS)
def test_their_body_is_converted_and_all_of_it_learns(name):
    facts = foreign.facts_of(content(name))
    assert facts.converter == "onnx2torch"
    assert facts.width == 128
    network = foreign.load(content(name), 2, seed=1).train()
    published = {"InceptionTime_untrained": 457_000}.get(name, 401_000)  # of the whole network, head of 2 labels
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(published, rel=0.01)
    network(torch.randn(2, 12, 1000)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())


@pytest.mark.parametrize("method", METHODS)
def test_they_are_fine_tuned_and_what_comes_out_is_read_by_the_original_platform(method, ecgs, tmp_path):
    name = METHODS[method]
    signal, y = ecgs
    spec = Predictor.from_bytes(content(name)).spec
    x = spec.preprocessing(signal, 500)
    rows = np.arange(len(x))
    data = TrainingData(x, y, Split(rows[:16], rows[16:20], rows[20:]))
    tuned = replace(spec, labels=LABELS, label_names=(), thresholds=(), codes={})
    config = TrainingConfig(
        method=method, max_epochs=3, batch_size=8, learning_rate=1e-3, augmentation=Augmentation(crop_seconds=None),
        threads=1,
    )  # fmt: skip
    base = Base(name, spec, content(name), None)
    list(train(data, tuned, config, tmp_path / "run.pt", base=base))
    before, after = network_for(tuned, config, base).eval(), trained_network(tuned, config, tmp_path / "run.pt", base)
    assert loss_of(after, data) < 0.9 * loss_of(before, data)
    same = [torch.equal(a, b) for a, b in zip(before.body.parameters(), after.body.parameters(), strict=True)]
    assert all(same) if method == "head" else not any(same)
    path = tmp_path / "model.onnx"
    result = conclude(data, tuned, config, tmp_path / "run.pt", path, base=base)
    assert result.export.parity <= 1e-5
    assert result.weights is None
    proto = onnx.load(path)
    onnx.checker.check_model(proto, full_check=True)
    assert [value.name for value in (*proto.graph.input, *proto.graph.output)] == ["arg0", "self_1_1"]
    metadata = {entry.key: entry.value for entry in proto.metadata_props}
    assert metadata["target_keys"] == "['NORM', 'CLBBB']"
    assert metadata["scale"] == ("mikroVolt" if MODELS[name][1] == 1000 else "milliVolt")
    assert metadata["standardizer"] == "None"
    found = Predictor.from_path(path).probabilities(signal[:3], 500)
    np.testing.assert_allclose(found, oracle(path.read_bytes(), signal[:3], MODELS[name][1]), atol=1e-4)
