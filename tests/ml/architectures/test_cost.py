import math
from pathlib import Path

import pytest
import torch
from torch import nn

from backend.ml.architectures import ARCHITECTURES
from backend.ml.architectures.cost import cost_of, count_flops
from backend.ml.architectures.network import Network
from backend.ml.errors import SettingError
from tests.ml.small_networks import small_network

MODELS_PAGE = (Path(__file__).parents[3] / "docs" / "models.md").read_text()
SMALL = [name for name in ARCHITECTURES if name != "ecg_fm"]  # that has 90 million, and its own test


class Parts(Network):
    """A convolution, attention and a Fourier transform whose cost is known by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(12, 8, 5, padding=2)
        self.head = nn.Linear(8, 3)

    def features(self, x, patient=None):
        y = self.convolution(x).transpose(1, 2)  # (b, t, 8)
        y = nn.functional.scaled_dot_product_attention(y, y, y)
        return torch.fft.irfft(torch.fft.rfft(y, dim=1), n=x.shape[-1], dim=1).mean(dim=1)


def test_flops_are_two_for_each_multiplication_and_addition():
    t = 64
    convolution, attention, head = 2 * t * 12 * 8 * 5, 2 * 2 * t * t * 8, 2 * 8 * 3
    fourier = 2 * 8 * 5 * t * math.log2(t) / 2  # there and back, eight channels, half for real numbers
    assert count_flops(Parts(), 12, t) == convolution + attention + head + fourier


def _millions(flops: int) -> str:
    return f"{flops / 1e6:,.0f}" if flops > 1e6 else f"{flops / 1e6:.2f}"


@pytest.mark.parametrize("name", SMALL)
def test_each_network_has_the_size_of_the_published_one_and_the_cost_that_is_documented(name):
    entry = cost_of(name, 5)
    assert f"| `{name}` | {entry.title} | {entry.parameters:,} | {_millions(entry.flops)} |" in MODELS_PAGE
    if entry.published_parameters is not None:
        assert entry.parameters == pytest.approx(entry.published_parameters, rel=0.03)


@pytest.mark.parametrize("entry", ARCHITECTURES.values(), ids=lambda entry: entry.name)
def test_the_flops_of_every_architecture_can_be_counted(entry):
    assert count_flops(small_network(entry), 12, 200) > 2 * small_network(entry).head.weight.numel() - 1


def test_an_unknown_network_cannot_be_described():
    with pytest.raises(SettingError, match="There is no architecture"):
        cost_of("resnet152")
