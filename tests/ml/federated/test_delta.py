"""Deltas: what they are, how they are measured and shortened, and what of others' deltas is refused."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import save
from torch import nn

from backend.ml.architectures.named_weights import weights_bytes
from backend.ml.errors import ContributionError, ModelInvalidError
from backend.ml.federated import delta as deltas

Arrays = Mapping[str, NDArray[Any]]


def a_network(seed: int) -> nn.Sequential:
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Conv1d(2, 4, 3), nn.BatchNorm1d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6, 3))
    network.train()
    for _ in range(5):
        network(torch.randn(16, 2, 8) * (1 + seed))
    return network.eval()


BASE = deltas.read_weights(weights_bytes(a_network(1)))
OTHER = deltas.read_weights(weights_bytes(a_network(2)))


def random_delta(seed: int, scale: float = 1.0) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(seed)
    return {
        name: (random.standard_normal(BASE[name].shape) * scale).astype(np.float32)
        for name in deltas.shared_names(BASE)
    }


def own_length(delta: Arrays) -> float:
    """The length, number by number."""
    total = 0.0
    for name, values in delta.items():
        for place, value in enumerate(np.ravel(values)):
            unit = 1.0
            if name == "1.running_mean":
                unit = (float(BASE["1.running_var"][place]) + 1e-5) ** 0.5
            if name == "1.running_var":
                unit = float(BASE["1.running_var"][place]) + 1e-5
            total += (float(value) / unit) ** 2
    return float(total**0.5)


def test_a_base_with_its_delta_answers_as_the_trained_network_does() -> None:
    change = deltas.read_delta(deltas.delta_bytes(deltas.delta_of(BASE, OTHER)), BASE)
    again = a_network(1)
    again.load_state_dict(
        {name: torch.from_numpy(np.asarray(value)) for name, value in deltas.applied(BASE, change).items()}
    )
    x = torch.randn(7, 2, 8)
    with torch.no_grad():
        torch.testing.assert_close(again(x), a_network(2)(x), rtol=1e-4, atol=1e-5)


def test_counters_of_batchnorm_take_no_part() -> None:
    assert BASE["1.num_batches_tracked"].dtype.kind == "i"
    assert "1.num_batches_tracked" not in deltas.delta_of(BASE, OTHER)
    assert deltas.applied(BASE, random_delta(0))["1.num_batches_tracked"] == BASE["1.num_batches_tracked"]


def test_statistics_are_measured_in_units_of_the_base_and_everything_else_as_it_is() -> None:
    change = random_delta(3)
    assert deltas.norm(change, BASE) == pytest.approx(own_length(change), rel=1e-6)


@given(st.integers(0, 1000), st.floats(1e-3, 1e3), st.floats(1e-2, 1e2))
@settings(deadline=None, max_examples=50)
def test_clipping_shortens_what_is_too_long_and_turns_nothing(seed: int, scale: float, most: float) -> None:
    change = random_delta(seed, scale)
    short, factor = deltas.clipped(change, BASE, most)
    before, after = deltas.measured(change, BASE), deltas.measured(short, BASE)
    assert np.linalg.norm(after) <= most * (1 + 1e-5)
    assert np.allclose(after, before * min(1, most / np.linalg.norm(before)), rtol=1e-4, atol=1e-9)
    assert (factor == 1) == (np.linalg.norm(before) <= most)


def test_noise_has_the_deviation_asked_for_in_every_direction_in_units_of_the_base() -> None:
    random = np.random.default_rng(5)
    zero = {name: np.zeros_like(values) for name, values in random_delta(0).items()}
    drawn = np.stack([deltas.measured(deltas.with_noise(zero, BASE, 2.5, random), BASE) for _ in range(2000)])
    deviations = drawn.std(axis=0)
    assert np.abs(deviations / 2.5 - 1).max() < 0.1  # 4.9 standard errors of 2,000 draws are 0.078
    assert abs(drawn.mean()) < 5 * 2.5 / drawn.size**0.5


def test_noise_leaves_no_variance_at_or_below_zero() -> None:
    noisy = deltas.with_noise(random_delta(0), BASE, 50.0, np.random.default_rng(1))
    assert (BASE["1.running_var"] + noisy["1.running_var"] < 0).any()
    assert (deltas.applied(BASE, noisy)["1.running_var"] >= 0.0099 * BASE["1.running_var"]).all()


def changed(**changes: Any) -> bytes:
    """A delta with tensors in the place of its own, None for one that is left out."""
    tensors: dict[str, NDArray[Any]] = dict(random_delta(0)) | changes
    return save({name: value for name, value in tensors.items() if value is not None})


def far_offsets() -> bytes:
    """A header that says its one tensor is far longer than the file."""
    header = json.dumps({"0.bias": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}}).encode()
    return len(header).to_bytes(8, "little") + header


HOSTILE = {
    "no safetensors": (b"PK\x03\x04 something else", "cannot be read"),
    "nothing": (b"", "cannot be read"),
    "cut short": (deltas.delta_bytes(random_delta(0))[:-4], "cut short"),
    "a header that lies": (far_offsets(), "cut short"),
    "a tensor too many": (changed(extra=np.zeros(3, np.float32)), "“extra”"),
    "a tensor too few": (changed(**{"4.bias": None}), "“4.bias”"),
    "another shape": (changed(**{"4.bias": np.zeros(4, np.float32)}), "another model"),
    "double precision": (changed(**{"4.bias": np.zeros(3)}), "float64"),
    "whole numbers": (changed(**{"4.bias": np.zeros(3, np.int32)}), "int32"),
    "NaN": (changed(**{"4.bias": np.array([0, np.nan, 0], np.float32)}), "no numbers"),
    "infinity": (changed(**{"4.bias": np.array([0, np.inf, 0], np.float32)}), "no numbers"),
    "the counters too": (changed(**{"1.num_batches_tracked": np.array(3, np.int64)}), "num_batches_tracked"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_delta_is_refused_with_its_reason(what: str) -> None:
    data, reason = HOSTILE[what]
    with pytest.raises(ContributionError, match=reason):
        deltas.read_delta(data, BASE)


def test_a_model_of_another_base_gives_no_delta() -> None:
    other = dict(OTHER) | {"4.weight": np.zeros((5, 24), np.float32)}
    with pytest.raises(ContributionError, match="same labels"):
        deltas.delta_of(BASE, other)
    with pytest.raises(ContributionError, match="lacks the tensor"):
        deltas.delta_of(BASE, {name: value for name, value in OTHER.items() if name != "0.bias"})
    with pytest.raises(ContributionError, match="no numbers"):
        deltas.delta_of(BASE, dict(OTHER) | {"4.bias": np.full(3, np.nan, np.float32)})


def test_weights_in_bfloat16_are_refused_in_words() -> None:
    from safetensors.torch import save as save_torch

    with pytest.raises(ModelInvalidError):
        deltas.shared_names(deltas.read_weights(save_torch({"a": torch.zeros(3, dtype=torch.bfloat16)})))


def test_equal_deltas_give_equal_bytes_whatever_the_order() -> None:
    change = random_delta(0)
    assert deltas.delta_bytes(change) == deltas.delta_bytes(dict(reversed(change.items())))
