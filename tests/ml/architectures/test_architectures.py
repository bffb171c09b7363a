"""One test over the whole register: what is asked of every network that can be trained."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from backend.ml.architectures import ARCHITECTURES, RECOMMENDED, architecture
from backend.ml.architectures.named_weights import weights_bytes
from backend.ml.data.split import split
from backend.ml.data.training_data import TrainingData
from backend.ml.errors import SettingError
from backend.ml.inference import parity
from backend.ml.inference.predictor import Predictor
from backend.ml.packaging.manifest import Manifest
from backend.ml.packaging.package import read_package, write_package
from backend.ml.training.augmentation import Augmentation
from backend.ml.training.config import TrainingConfig
from backend.ml.training.events import EpochDone, Stopped
from backend.ml.training.start import Base, network_for
from backend.ml.training.train import train, trained_network
from tests.ml.conftest import N_SAMPLES, waves
from tests.ml.small_networks import LABELS, ecgs, lived_in, patients, small_network, written

# XResNet1d-101 has the parts of XResNet1d-50, more often.
KINDS = [entry for entry in ARCHITECTURES.values() if entry.name != "xresnet1d101"]
every = pytest.mark.parametrize("entry", ARCHITECTURES.values(), ids=lambda entry: entry.name)


def as_numpy(values):
    return None if values is None else values.numpy()


@every
def test_the_answer_has_a_logit_a_label_and_is_finite_for_any_batch_and_crop(entry):
    for n_samples in (N_SAMPLES, 50, 130):  # the shortest crop; one that divides into nothing
        network = small_network(entry, n_samples=n_samples).eval()
        for batch in (1, 3):
            x, patient = ecgs(batch, n_samples), patients(batch, entry)
            with torch.inference_mode():
                logits, embedding = network(x, patient), network.features(x, patient)
                by_parts = network.head(embedding)
            assert logits.shape == (batch, len(LABELS))
            assert embedding.shape == (batch, network.head.in_features)
            assert torch.isfinite(logits).all()
            torch.testing.assert_close(by_parts, logits)


@every
def test_the_gradient_reaches_every_parameter(entry):
    network = lived_in(entry).train()  # the last normalisation of a block may begin at zero, and stops it there
    network(ecgs(8), patients(8, entry)).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().sum() > 0, name


@every
def test_eight_ecgs_are_learnt_by_heart(entry):
    network = small_network(entry).train()
    x, patient = ecgs(8), patients(8, entry)
    y = torch.from_numpy(np.random.default_rng(5).integers(0, 2, (8, len(LABELS))).astype(np.float32))
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3)
    for _ in range(150):
        loss = cross_entropy(network(x, patient), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if loss.item() < 0.03:
            break
    assert loss.item() < 0.03
    assert torch.equal(network(x, patient) > 0, y > 0)


@every
def test_the_weights_are_drawn_from_the_seed_and_leave_other_random_numbers_alone(entry):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, again, other = (small_network(entry, seed) for seed in (1, 1, 2))
    assert torch.rand(1) == expected
    weights = [torch.cat([p.flatten() for p in network.parameters()]) for network in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@every
def test_a_record_does_not_change_the_answer_of_another(entry):
    network, x, patient = lived_in(entry), ecgs(3), patients(3, entry)
    with torch.inference_mode():
        alone = network(x[:1], None if patient is None else patient[:1])
        torch.testing.assert_close(network(x, patient)[:1], alone, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("entry", KINDS, ids=lambda entry: entry.name)
def test_its_package_answers_as_it_does_and_is_fine_tuned(entry, tmp_path):
    network, spec, report, content = written(entry.name)
    assert report.parity <= parity.EXPORT
    (tmp_path / "model.onnx").write_bytes(content)
    (tmp_path / "weights.safetensors").write_bytes(weights_bytes(network))
    names = ("model.onnx", "weights.safetensors")
    manifest = Manifest(name="a network", created="2026-01-01T00:00:00Z", spec=spec)
    packed = b"".join(write_package(manifest, {name: tmp_path / name for name in names}))
    package = read_package(io.BytesIO(packed), 10**8)
    assert package.manifest.spec == spec

    base = Base("a network", package.manifest.spec, package.onnx, package.weights)
    method = "head" if entry.convex else "all"
    config = TrainingConfig(
        method=method, max_epochs=1, batch_size=8, learning_rate=1e-3, threads=1,
        augmentation=Augmentation(crop_seconds=None),
    )  # fmt: skip
    loaded, predictor = network_for(spec, config, base).eval(), Predictor.from_bytes(package.onnx)
    for batch in (1, 2, 7):
        x, patient = ecgs(batch, seed=batch), patients(batch, entry)
        with torch.inference_mode():
            wanted = network(x, patient)
            torch.testing.assert_close(loaded(x, patient), wanted, rtol=0, atol=0)
        found = predictor.logits(x.numpy(), as_numpy(patient))
        np.testing.assert_allclose(found, wanted.numpy(), atol=parity.EXPORT * max(1.0, float(wanted.abs().max())))

    x, y = waves(40, len(LABELS), "multi_label")
    data = TrainingData(x, y, split(y, [None] * len(y), seed=1), patient=as_numpy(patients(len(x), entry)))
    other = replace(spec, labels=("c", "new", "a"), label_names=("c", "new", "a"))
    events = list(train(data, other, config, tmp_path / "run.ckpt", base=base))
    assert isinstance(events[-1], Stopped)
    assert any(isinstance(event, EpochDone) for event in events)
    tuned = trained_network(other, config, tmp_path / "run.ckpt", base)
    before, after = network_for(other, config, base).state_dict(), tuned.state_dict()
    assert any(not torch.equal(before[key], after[key]) for key in ("head.weight", "head.bias"))
    if not entry.convex:
        body = [key for key, _ in tuned.named_parameters() if not key.startswith("head.")]
        changed = [key for key in body if not torch.equal(before[key], after[key])]
        assert len(changed) == len(body)


def test_the_recommended_network_is_one_of_them_and_unknown_ones_are_refused():
    assert RECOMMENDED in ARCHITECTURES
    with pytest.raises(SettingError, match="inception_time"):
        architecture("resnet152")
