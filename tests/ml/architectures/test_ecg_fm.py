"""ECG-FM: its size, its numerics against torch's own layers, and the reading of fairseq-signals checkpoints."""

import argparse
import io
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrizations

from backend.ecg.preprocess import PRESETS, preset
from backend.ml.architectures import architecture
from backend.ml.architectures.ecg_fm import Block, Positions
from backend.ml.errors import ModelInvalidError
from backend.ml.foreign.fairseq import is_fairseq, options, rename
from backend.ml.foreign.weights import read_tensors
from tests.ml.fairseq_checkpoint import fairseq

SMALL = {"width": 128, "depth": 2, "heads": 2, "inner": 64, "stem": 8, "reach": 6}
PRETRAINING = 768 + 640 * 128 + (256 + 1) * 640 + (256 + 1) * 256 + (768 + 1) * 256  # mask, codebook, its projections


def saved(state, **more):
    buffer = io.BytesIO()
    torch.save({"model": state, "cfg": {"model": {"_name": "wav2vec2_cmsc"}}, "args": None, **more}, buffer)
    return buffer.getvalue()


def load(data):
    """Return the tensors of a file under our names, as an import does."""
    tensors, _ = read_tensors(data)
    return rename(tensors)


def wav2vec(state, x, heads):
    """The forward pass of wav2vec 2.0 on 12 leads, of torch's own layers, from the tensors of fairseq-signals."""

    def get(name):
        return state[name + ".weight"], state.get(name + ".bias")

    for i in range(4):
        x = functional.conv1d(x, state[f"feature_extractor.conv_layers.{i}.0.weight"], stride=2)
        if i == 0:  # a group of its own for each channel: normalised over time
            x = functional.instance_norm(x) * get("feature_extractor.conv_layers.0.2")[0][:, None]
            x = x + get("feature_extractor.conv_layers.0.2")[1][:, None]
        x = functional.gelu(x)
    x = functional.layer_norm(x.transpose(1, 2), x.shape[1:2], *get("layer_norm"))
    x = functional.linear(x, *get("post_extract_proj"))
    width = x.shape[2]
    v, g = (state[f"conv_pos.pos_conv.0.parametrizations.weight.original{i}"] for i in (1, 0))
    kernel = g * v / v.square().sum(dim=(0, 1), keepdim=True).sqrt()
    around = functional.conv1d(
        x.transpose(1, 2), kernel, state["conv_pos.pos_conv.0.bias"], padding=v.shape[2] // 2, groups=16
    )
    x = x + functional.gelu(around[:, :, :-1]).transpose(1, 2)
    x = functional.layer_norm(x, (width,), *get("encoder.layer_norm"))
    depth = 1 + max(int(name.split(".")[2]) for name in state if name.startswith("encoder.layers"))
    for i in range(depth):
        layer = f"encoder.layers.{i}."
        inner = len(state[layer + "fc1.bias"])
        theirs = nn.TransformerEncoderLayer(
            width, heads, inner, 0.0, activation="gelu", batch_first=True, norm_first=False
        )
        given = {
            "self_attn.in_proj_weight": torch.cat([state[f"{layer}self_attn.{p}_proj.weight"] for p in "qkv"]),
            "self_attn.in_proj_bias": torch.cat([state[f"{layer}self_attn.{p}_proj.bias"] for p in "qkv"]),
        }
        names = {"self_attn.out_proj": "self_attn.out_proj", "linear1": "fc1", "linear2": "fc2",
                 "norm1": "self_attn_layer_norm", "norm2": "final_layer_norm"}  # fmt: skip
        for name, fair in names.items():
            given |= {f"{name}.weight": state[f"{layer}{fair}.weight"], f"{name}.bias": state[f"{layer}{fair}.bias"]}
        theirs.load_state_dict(given)
        x = theirs.eval()(x)
    return x.mean(dim=1)


def test_it_has_the_parameters_of_the_published_network_to_the_last_one():
    entry = architecture("ecg_fm")
    with torch.device("meta"):
        network = entry.build(12, 2500, 5, {}, seed=1)
    body = sum(p.numel() for name, p in network.named_parameters() if not name.startswith("head."))
    assert body + PRETRAINING == 90_883_072  # README of bowang-lab/ECG-FM
    assert abs(body / entry.published_parameters - 1) < 0.03


def test_whatever_preset_is_asked_for_it_gets_unfiltered_500_hz_with_each_lead_standardised():
    for name in PRESETS:
        given = preset(name, **architecture("ecg_fm").demands)
        x = np.random.default_rng(1).standard_normal((12, 5000)) + 3
        wanted = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
        np.testing.assert_allclose(given(x, 500.0), wanted, atol=1e-3)


@pytest.mark.parametrize("labels", [None, 3])
def test_a_checkpoint_gives_the_embeddings_of_wav2vec(labels):
    state = fairseq(labels=labels)
    weights = load(saved(state))
    assert options(weights) == SMALL
    assert ("head.weight" in weights) == (labels == 3)
    network = architecture("ecg_fm").build(12, 500, 3, options(weights), seed=1).eval()
    missing, unexpected = network.load_state_dict(weights, strict=False)
    assert unexpected == []
    assert set(missing) == (set() if labels else {"head.weight", "head.bias"})
    plain = {name.removeprefix("encoder.") if labels else name: value for name, value in state.items()}
    x = torch.randn(2, 12, 500, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        wanted = wav2vec(plain, x, heads=2)
        torch.testing.assert_close(network.features(x), wanted, rtol=1e-4, atol=1e-5)
        if labels:
            logits = functional.linear(wanted, state["proj.weight"], state["proj.bias"])
            torch.testing.assert_close(network(x), logits, rtol=1e-4, atol=1e-4)


def test_all_ways_to_write_the_same_checkpoint_are_read_alike():
    state = fairseq()
    old = fairseq(old_weight_norm=True)
    half = {name: value.to(torch.float16) for name, value in state.items()}
    wanted = load(saved(state))
    for other in (load(saved(old)), load(save(state))):
        assert set(other) == set(wanted)
        assert all(torch.equal(other[name], wanted[name]) for name in wanted)
    assert {value.dtype for value in load(saved(half)).values()} == {torch.float32}
    assert is_fairseq(state)
    assert not is_fairseq(wanted)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"encoder.layers.1.fc1.bias": None}, r"lacks.*blocks\.1\.wide\.bias"),
        ({"encoder.layers.0.self_attn.k_proj.weight": None}, r"lacks.*blocks\.0\.attention\.qkv\.weight"),
        ({"post_extract_proj.weight": None}, "lacks.*widen"),
        ({"encoder.layers.0.adapter.weight": torch.zeros(3)}, r"not of ECG-FM.*adapter"),
        ({"layer_norm.weight": torch.zeros(9)}, r"another shape.*features_norm\.weight"),
        ({"layer_norm.weight": torch.zeros(8, dtype=torch.int64)}, r"not of ECG-FM.*layer_norm"),
        ({"feature_extractor.conv_layers.0.0.weight": None}, "no ECG-FM checkpoint"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused_with_the_name_of_the_tensor(change, said):
    state = {name: value for name, value in (fairseq() | change).items() if value is not None}
    with pytest.raises(ModelInvalidError, match=said):
        load(saved(state))


def test_a_file_that_would_run_code_is_not_opened_and_the_way_out_is_told():
    with pytest.raises(ModelInvalidError, match=r"(?s)can run any program.*docs/models.md.*safetensors"):
        load(saved(fairseq(), cfg=argparse.Namespace(lr=1)))


def test_damaged_and_compressed_files_are_refused():
    good = saved(fairseq())
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(entry.filename, source.read(entry))
    nothing = io.BytesIO()
    torch.save([1, 2], nothing)
    for bad in (good[: len(good) // 2], packed.getvalue(), b"PK\x03\x04", b"", nothing.getvalue()):
        with pytest.raises(ModelInvalidError):
            load(bad)


def test_a_block_normalises_after_each_addition_and_positions_are_a_weight_normed_convolution():
    torch.manual_seed(1)
    x = torch.randn(2, 9, 32)
    block = Block(32, 4, 48, 0.0).eval()
    with torch.no_grad():
        y = block(x)
    torch.testing.assert_close(y.mean(dim=2), torch.zeros(2, 9), rtol=0, atol=1e-5)
    ours = Positions(32, 8)
    theirs = parametrizations.weight_norm(nn.Conv1d(32, 32, 8, padding=4, groups=16), dim=2)
    theirs.load_state_dict(ours.convolution.state_dict())
    with torch.no_grad():
        wanted = x + functional.gelu(theirs(x.transpose(1, 2))[:, :, :9]).transpose(1, 2)
        torch.testing.assert_close(ours(x), wanted)
