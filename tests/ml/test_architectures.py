import numpy as np
import onnx
import pytest
import torch

from backend.ecg.preprocess import PRESETS, preset
from backend.ml.architectures import ARCHITECTURES, architecture
from backend.ml.export import TOLERANCE, export_onnx
from backend.ml.learner import build_network
from backend.ml.predict import Predictor
from backend.ml.spec import ModelSpec

every = pytest.mark.parametrize("entry", ARCHITECTURES.values(), ids=lambda entry: entry.name)


def spec_for(entry, **changes):
    fields = {"labels": ("a", "b", "c"), "task": "single_label", "preprocessing": PRESETS["exchangeai"]} | changes
    return ModelSpec(architecture=entry.name, **fields)


@every
def test_the_answer_has_a_logit_a_label_and_is_finite_for_any_batch(entry):
    network = entry.build(12, 1000, 5, {}, seed=1).eval()
    for batch in (1, 3):
        logits = network(torch.randn(batch, 12, 1000))
        assert logits.shape == (batch, 5)
        assert torch.isfinite(logits).all()


@every
def test_the_gradient_reaches_every_parameter(entry):
    network = entry.build(12, 1000, 5, {}, seed=1).train()
    network(torch.randn(4, 12, 1000)).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().sum() > 0, name


@every
def test_the_weights_are_drawn_from_the_seed_and_leave_other_random_numbers_alone(entry):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, again, other = (entry.build(12, 1000, 2, {}, seed=seed) for seed in (1, 1, 2))
    assert torch.rand(1) == expected
    weights = [torch.cat([p.flatten() for p in network.parameters()]) for network in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@every
def test_a_record_does_not_change_the_answer_of_another(entry):
    network = entry.build(12, 1000, 3, {}, seed=1).eval()
    x = torch.randn(3, 12, 1000)
    with torch.inference_mode():
        torch.testing.assert_close(network(x)[:1], network(x[:1]), rtol=1e-5, atol=1e-6)


@every
def test_the_export_answers_as_the_network_and_keeps_what_fine_tuning_needs(entry, tmp_path):
    spec = spec_for(entry)
    network = build_network(spec, seed=1).train()
    with torch.no_grad():
        for _ in range(2):
            network(torch.randn(8, 12, 1000))  # running statistics unlike those of a fresh network
    report = export_onnx(network, spec, tmp_path / "a model.onnx")
    content = (tmp_path / "a model.onnx").read_bytes()
    assert report.parity <= TOLERANCE
    assert (report.size, report.opset) == (len(content), 18)
    predictor = Predictor.from_bytes(content)
    assert predictor.spec == spec
    x = np.random.default_rng(1).standard_normal((5, 12, 1000)).astype(np.float32)
    with torch.inference_mode():
        np.testing.assert_allclose(predictor.logits(x), network(torch.from_numpy(x)).numpy(), atol=TOLERANCE)

    graph = onnx.load_from_string(content).graph
    names = {initializer.name for initializer in graph.initializer}
    assert {name for name, _ in network.named_parameters()} <= names
    kinds = [node.op_type for node in graph.node]
    assert kinds.count("BatchNormalization") == sum("Norm" in type(m).__name__ for m in network.modules())
    assert graph.output[0].name == "logits"
    assert b".py" not in content  # no source lines or paths of the machine it was made on


def test_inception_time_has_the_size_of_the_paper():
    parameters = {
        labels: sum(p.numel() for p in architecture("inception_time").build(12, 1000, labels, {}, seed=1).parameters())
        for labels in (2, 5)
    }
    assert parameters[2] == 457_218
    assert parameters[5] == 457_218 + 3 * 129


def test_inception_time_takes_other_widths_and_lengths():
    small = build_network(
        spec_for(
            architecture("inception_time"),
            config={"filters": 8, "depth": 2, "kernel": 20},
            preprocessing=preset("exchangeai", rate=500),
        )
    )
    assert small(torch.randn(2, 12, 5000)).shape == (2, 3)
    assert small(torch.randn(2, 12, 250)).shape == (2, 3)
