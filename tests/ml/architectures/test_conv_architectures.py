"""The convolutional networks against what is published of them: graphs, sizes, and torch's own layers."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from backend.ml.architectures import architecture
from backend.ml.architectures.depthwise import depthwise
from backend.ml.architectures.pooling import adaptive_mean
from tests.ml.conftest import SHARED_MODELS
from tests.ml.small_networks import ecgs, small_network

published = pytest.mark.skipif(not SHARED_MODELS.is_dir(), reason="the original platform's models are not here")


def build(name, n_labels=2, **config):
    return architecture(name).build(12, 1000, n_labels, config, seed=1).eval()


def published_graph(name, output):
    """The original platform's graph for inference, with drawn running statistics and `output` as its output."""
    proto = onnx.load(SHARED_MODELS / f"{name}_untrained.onnx")
    random = np.random.default_rng(3)
    weights = {tensor.name: numpy_helper.to_array(tensor).copy() for tensor in proto.graph.initializer}
    for node in proto.graph.node:
        if node.op_type != "BatchNormalization":
            continue
        del node.output[1:]  # those of the training mode it was saved in
        kept = [a for a in node.attribute if a.name == "epsilon"]
        del node.attribute[:]
        node.attribute.extend(kept)
        for key in node.input[1:]:
            weights[key] = random.uniform(0.5, 1.5, weights[key].shape).astype(np.float32)
    del proto.graph.initializer[:]
    proto.graph.initializer.extend(numpy_helper.from_array(value, key) for key, value in weights.items())
    del proto.graph.output[:]
    proto.graph.output.append(onnx.helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, None))
    session = ort.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    return session, weights


def copy_weights(network, weights, renamed):
    """Fill the network; `renamed` pairs parts of the published names with ours. Each weight is used once."""
    state = network.state_dict()
    left = {key for key in state if not key.endswith("num_batches_tracked")}
    for theirs, value in weights.items():
        ours = theirs
        for old, new in renamed:
            ours = ours.replace(old, new)
        if ours in state:
            state[ours] = torch.from_numpy(value).reshape(state[ours].shape)
            left.remove(ours)
    network.load_state_dict(state)
    return left


@published
def test_inception_time_answers_as_the_published_graph_with_the_same_weights():
    session, weights = published_graph("InceptionTime", "self_1_1")
    network = build("inception_time")
    renamed = [
        ("inceptionblock.inception.", "inceptions."), (".convs.", ".convolutions."), (".maxconvpool.1.", ".pooled."),
        (".bn.", ".norm."), ("inceptionblock.shortcut.0.0.", "shortcuts.0.convolution."),
        ("inceptionblock.shortcut.0.1.", "shortcuts.0.norm."), ("inceptionblock.shortcut.1.", "shortcuts.1.norm."),
        ("fc.", "head."),
    ]  # fmt: skip
    assert copy_weights(network, weights, renamed) == set()
    x = ecgs(3, 1000)
    with torch.inference_mode():
        found = network(x).numpy()
    np.testing.assert_allclose(found, session.run(None, {"arg0": x.numpy()})[0], rtol=1e-4, atol=1e-4)


@published
def test_xception_time_answers_as_the_published_graph_before_its_normalised_logits():
    session, weights = published_graph("XceptionTime", "/head/head.3/head.3.0/Conv_output_0")
    network = build("xception_time")
    renamed = [(f"block.xception.{i}.", f"blocks.{i // 2}.xceptions.{i % 2}.") for i in range(4)]
    renamed += [(f"block.shortcut.{i}.", f"blocks.{i}.shortcut.") for i in range(2)]
    renamed += [
        (".convs.", ".convolutions."), ("wise_conv.", "wise."), (".maxconvpool.1.", ".pooled."),
        ("head.1.", "narrowing.0."), ("head.2.", "narrowing.1."), ("head.3.0.", "head."),
    ]  # fmt: skip
    assert copy_weights(network, weights, renamed) == {"head.bias"}  # theirs comes with the normalisation
    nn.init.zeros_(network.head.bias)
    x = ecgs(3, 1000)
    with torch.inference_mode():
        found = network(x).numpy()
    wanted = session.run(None, {"arg0": x.numpy()})[0].mean(axis=2)
    assert wanted.std() > 0.001
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["inception_time", "xception_time"])
def test_it_takes_other_widths_and_lengths(name):
    network = small_network(architecture(name)).eval()
    for n_samples in (250, 730, 5000):
        assert network(ecgs(2, n_samples)).shape == (2, 3)


@pytest.mark.parametrize("n_samples", [7, 49, 50, 51, 250, 730, 1000, 1023, 5000])
def test_the_mean_over_a_fixed_number_of_steps_is_that_of_torch(n_samples):
    x = torch.randn(2, 3, 1, n_samples)
    torch.testing.assert_close(adaptive_mean(x, 50)[:, :, 0], nn.AdaptiveAvgPool1d(50)(x[:, :, 0]))


@pytest.mark.parametrize(
    ("b", "c", "t", "k"), [(3, 4, 20, 39), (4, 6, 50, 19), (2, 3, 7, 9), (5, 2, 250, 1), (6, 4, 1900, 5)]
)
def test_the_depthwise_convolution_and_its_gradients_are_those_of_torch(b, c, t, k):
    x, weight, gradient = (torch.randn(s, dtype=torch.float64) for s in ((b, c, 1, t), (c, 1, 1, k), (b, c, 1, t)))
    results = []
    for convolve in (depthwise, lambda x, w: nn.functional.conv2d(x, w, padding=(0, k // 2), groups=c)):
        inputs = [value.clone().requires_grad_() for value in (x, weight)]
        y = convolve(*inputs)
        y.backward(gradient)
        results.append((y.detach(), inputs[0].grad, inputs[1].grad))
    for found, wanted in zip(*results, strict=True):
        torch.testing.assert_close(found, wanted)


def test_xception_time_learns_the_same_under_autocast_and_without():
    network, x = small_network(architecture("xception_time")).train(), ecgs(4)
    gradients = []
    for enabled in (False, True):
        network.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            loss = network(x).float().square().mean()
        loss.backward()
        gradients.append(torch.cat([p.grad.flatten() for p in network.parameters()]))
    assert torch.nn.functional.cosine_similarity(*gradients, dim=0) > 0.99


def test_dsail_snu_has_the_size_measured_of_the_original_for_its_26_diagnoses():
    parameters = sum(p.numel() for p in build("dsail_snu", n_labels=26).parameters())
    assert parameters == pytest.approx(1_815_000, rel=0.001)


def test_dsail_snu_without_age_and_sex_answers_as_for_an_unknown_patient():
    network, x = small_network(architecture("dsail_snu")).eval(), ecgs(3)
    known = torch.tensor([[0.6, 1, 0, 1]]).repeat(3, 1)
    with torch.inference_mode():
        assert torch.equal(network(x), network(x, torch.zeros(3, 4)))
        difference = network(x, known) - network(x)
        wanted = known @ network.head.weight[:, -4:].T
    torch.testing.assert_close(difference, wanted, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("name", "layers"), [("xresnet1d18", 18), ("xresnet1d50", 50), ("xresnet1d101", 101)])
def test_xresnet1d_has_its_layers_and_a_block_begins_as_its_shortcut(name, layers):
    network = build(name)
    kernels = [m for n, m in network.named_modules() if isinstance(m, nn.Conv2d) and "shortcut" not in n]
    assert len(kernels) - 2 + 1 == layers  # the stem's three count as the one they stand for; the linear layer counts
    assert network.head.in_features == (128 if layers == 18 else 512)
    x = torch.relu(torch.randn(2, network.blocks[0].path[0][0].in_channels, 1, 60))
    for block in network.blocks[:3]:
        wanted = torch.relu(block.shortcut(x))
        torch.testing.assert_close(block(x), wanted)
        x = wanted
