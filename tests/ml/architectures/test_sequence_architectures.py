"""The transformer and the state-space model against what their papers say, computed step by step."""

import math
import warnings

import numpy as np
import onnxruntime
import pytest
import torch
from torch.export import Dim

from backend.ml.architectures import architecture
from backend.ml.architectures.dropout import SharedDropout
from backend.ml.architectures.state_space import StateSpace
from backend.ml.architectures.transformer import Block, positions
from backend.ml.errors import SettingError


def learned(module, seed=2):
    """The module with all parameters away from where they begin."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    return module.eval()


def recurrence(space, u):
    """The states run one sample after the other, forwards and backwards, in complex128: u (t, d) to (t, d)."""

    def numbers(value):
        return value.detach().double().numpy()

    calm = 0.1
    step = np.exp(numbers(space.step_drawn) + calm * numbers(space.step))
    poles = -np.exp(numbers(space.decay_drawn) + calm * numbers(space.decay)) + 1j * (
        numbers(space.turn_drawn) + calm * numbers(space.turn)
    )
    weights = numbers(space.weights[0]) + 1j * numbers(space.weights[1])  # (d, direction, n)
    keep = np.exp(step * poles)
    take = (keep - 1) / poles
    y = numbers(space.direct) * u
    state = np.zeros_like(poles)
    for k in range(len(u)):
        state = keep * state + take * u[k][:, None]
        y[k] += 2 * (weights[:, 0] * state).sum(axis=1).real
    state = np.zeros_like(poles)
    for k in range(len(u) - 1, -1, -1):
        y[k] += 2 * (weights[:, 1] * state).sum(axis=1).real
        state = keep * state + take * u[k][:, None]
    return y


@pytest.mark.parametrize("n_samples", [1, 31, 32, 250, 1000])  # one block; many; more samples a block
def test_the_state_space_model_answers_as_its_recurrence(n_samples):
    torch.manual_seed(1)
    space = learned(StateSpace(5, 8))
    u = torch.randn(2, n_samples, 5)
    with torch.inference_mode():
        y = space(u).numpy()
    for record in range(2):
        wanted = recurrence(space, u[record].double().numpy())
        np.testing.assert_allclose(y[record], wanted, atol=2e-5 * max(1.0, float(np.abs(wanted).max())))


def test_weight_decay_leaves_the_memory_of_a_state_space_model_as_it_was_drawn():
    torch.manual_seed(1)
    space = StateSpace(4, 8)
    before = [value.clone() for value in (*space.poles()[0], space.poles()[1])]
    optimizer = torch.optim.AdamW(space.parameters(), lr=0.1, weight_decay=1.0)
    for parameter in space.parameters():
        parameter.grad = torch.zeros_like(parameter)
    for _ in range(20):
        optimizer.step()
    after = (*space.poles()[0], space.poles()[1])
    assert all(torch.equal(a, b) for a, b in zip(after, before, strict=True))
    assert space.direct.abs().max() < 1


def test_s4_has_the_settings_of_the_paper_and_computes_in_float32_under_autocast():
    paper = architecture("s4").build(12, 250, 5, {"width": 512}, seed=1)
    mixing = 4 * (512 * 1024 + 1024)
    assert mixing < sum(p.numel() for p in paper.parameters()) < 1.05 * mixing
    network = architecture("s4").build(12, 250, 5, {"width": 16, "depth": 1}, seed=1).eval()
    x = torch.randn(2, 12, 250)
    with torch.inference_mode():
        exact = network(x)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rough = network(x)
    torch.testing.assert_close(rough.float(), exact, atol=0.02, rtol=0.05)


def test_a_block_of_the_transformer_is_the_pre_norm_encoder_layer_of_torch():
    torch.manual_seed(1)
    ours = learned(Block(16, 4, 0.0))
    theirs = torch.nn.TransformerEncoderLayer(
        16, 4, 64, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    ).eval()
    parts = {
        "self_attn.in_proj_": "attention.qkv.", "self_attn.out_proj.": "attention.out.", "linear1.": "wide.",
        "linear2.": "narrow.", "norm1.": "norm1.", "norm2.": "norm2.",
    }  # fmt: skip
    given = ours.state_dict()
    theirs.load_state_dict({t + k: given[o + k] for t, o in parts.items() for k in ("weight", "bias")})
    x = torch.randn(3, 20, 16)
    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-5, atol=1e-5)


def test_the_positions_are_the_sines_and_cosines_of_the_paper_at_any_length():
    table = positions(700, 8).numpy()
    for place in (0, 1, 699):
        for wave in range(4):
            angle = place / 1000 ** (2 * wave / 8)
            assert table[place, wave] == pytest.approx(math.sin(angle), abs=1e-4)
            assert table[place, 4 + wave] == pytest.approx(math.cos(angle), abs=1e-4)
    assert len(np.unique(table.round(3), axis=0)) == 700


def test_the_transformer_sees_the_order_of_what_happens():
    network = architecture("transformer").build(12, 200, 2, {"width": 32, "depth": 1, "heads": 4}, seed=1).eval()
    x = torch.zeros(2, 12, 200)
    x[0, :, 40:60] = x[1, :, 120:140] = 1.0  # the same wave, elsewhere
    with torch.inference_mode():
        early, late = network(x)
    assert (early - late).abs().max() > 1e-3


def test_heads_that_do_not_divide_the_width_and_patches_longer_than_the_record_are_refused():
    entry = architecture("transformer")
    with pytest.raises(SettingError, match="multiple of the 4 heads"):
        entry.build(12, 200, 2, {"width": 102}, seed=1)
    with pytest.raises(SettingError, match="longer than the record"):
        entry.build(12, 50, 2, {"patch": 60}, seed=1)


def test_dropout_leaves_out_channels_of_a_record_in_training_only():
    torch.manual_seed(1)
    dropout, x = SharedDropout(0.5), torch.ones(8, 6, 50)
    y = dropout(x)
    assert torch.equal(y, y[:, :1].expand_as(y))
    assert set(y.unique().tolist()) == {0.0, 2.0}
    assert not torch.equal(y[0], y[1])
    assert torch.equal(dropout.eval()(x), x)


def test_the_graph_of_a_long_record_answers_as_the_network_and_holds_no_complex_numbers():
    n_samples = 1000
    network = learned(architecture("s4").build(12, n_samples, 3, {"width": 16, "depth": 1}, seed=1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        model = torch.onnx.export(
            network, (torch.zeros(2, 12, n_samples),), dynamic_shapes=({0: Dim("batch")},), opset_version=18,
            dynamo=True, verbose=False,
        ).model_proto  # fmt: skip
    assert not {"DFT", "STFT", "Loop", "Scan"} & {node.op_type for node in model.graph.node}
    session = onnxruntime.InferenceSession(model.SerializeToString())
    for batch in (1, 2, 7):
        x = torch.randn(batch, 12, n_samples)
        with torch.inference_mode():
            wanted = network(x).numpy()
        (logits,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
        np.testing.assert_allclose(logits, wanted, atol=1e-5 * max(1.0, float(np.abs(wanted).max())))
