"""Integrated gradients: they add up, agree with the exact answer of a linear network, and are controlled too."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.ecg.leads import LEADS
from backend.ecg.synthesize import simulate
from backend.ml.architectures import architecture
from backend.ml.architectures.named_weights import weights_bytes
from backend.ml.architectures.rlign_logistic import AlignedLinear
from backend.ml.errors import ModelInvalidError
from backend.ml.explanations.gradients import gradients, of_weights, redraw
from backend.ml.explanations.maps import Map, Question
from backend.ml.explanations.usual import usual
from backend.ml.explanations.waves import SEGMENTS, lay
from tests.ml.explanations.planted_models import PLAIN, RATE, SPEC

LAID = lay(simulate("NORM", 3, RATE).recording.signal, RATE, PLAIN)
T = SEGMENTS.index("T")
TINY = replace(
    SPEC, architecture="inception_time", config={"filters": 4, "depth": 1, "kernel": 9}, labels=("A", "B"),
    label_names=("A", "B"), thresholds=(0.5, 0.5), task="single_label",
)  # fmt: skip


def _linear() -> AlignedLinear:
    network = AlignedLinear(12, 1000, 1)
    with torch.no_grad():
        network.head.weight.zero_()
        network.head.weight.view(1, 12, 1000)[0, 8, torch.from_numpy(LAID.codes == T)] = 0.5
    return network


def _start(found: Map) -> np.ndarray:
    """Return the ECG from which the gradients of a map begin."""
    return LAID.flat if found.instead == "nothing" else usual(LAID, PLAIN).leads


def test_of_a_linear_network_each_sample_adds_its_weight_times_its_height() -> None:
    network = _linear()
    found = gradients(network, SPEC, Question(LAID, 0), draws=9)
    weight = network.head.weight.detach().numpy().reshape(12, 1000)
    np.testing.assert_allclose(found.samples, weight * (LAID.x - _start(found)), atol=1e-5)
    assert found.place == (LEADS.index("V3"), LAID.present.index(T))
    assert found.control.evidence


def test_what_the_samples_add_is_the_difference_of_the_scores() -> None:
    network = architecture("inception_time").build(12, 1000, 2, TINY.config, seed=1)
    found = gradients(network, TINY, Question(LAID, 1), draws=3)
    assert found.gap is not None
    assert found.gap < 0.05
    assert found.samples is not None
    network.eval()
    with torch.inference_mode():
        z = network(torch.from_numpy(np.stack([LAID.x, _start(found)]))).double().numpy()
    odds = z[:, 1] - z[:, 0]  # of two labels the log-odds of one is the difference of the logits
    assert float(found.samples.sum()) == pytest.approx(odds[0] - odds[1], rel=0.05)


def test_the_network_is_left_as_it_is() -> None:
    network = _linear()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    gradients(network, SPEC, Question(LAID, 0), draws=3)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_weights_by_name_make_the_network_and_a_graph_alone_does_not() -> None:
    network = architecture("inception_time").build(12, 1000, 2, TINY.config, seed=1)
    made = of_weights(TINY, weights_bytes(network))(Question(LAID, 1), lambda _: None)
    direct = gradients(network, TINY, Question(LAID, 1))
    np.testing.assert_allclose(made.samples, direct.samples, atol=1e-6)
    with pytest.raises(ModelInvalidError, match="weights of the network by name"):
        of_weights(TINY, None)
    with pytest.raises(ModelInvalidError, match="weights of the network by name"):
        of_weights(replace(TINY, architecture="external"), weights_bytes(network))


def test_a_redrawn_network_has_the_same_shapes_and_other_weights() -> None:
    network = architecture("inception_time").build(12, 1000, 2, TINY.config, seed=1)
    first = {name: value.clone() for name, value in network.state_dict().items()}
    redraw(network, first, 0)
    assert not torch.equal(network.head.weight, first["head.weight"])
    assert not network.head.bias.any()
    redraw(network, first, 2)
    assert torch.equal(network.head.weight.flatten().sort().values, first["head.weight"].flatten().sort().values)
