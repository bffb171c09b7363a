"""Groups of layers for fine-tuning, of every architecture."""

import pytest
import torch
from torch import nn

from backend.ml.architectures import architecture
from backend.ml.architectures.network import Network
from backend.ml.training.optimizers import layer_groups


class Chain(Network):
    """Seven linear layers, the head registered before the last of them."""

    def __init__(self) -> None:
        super().__init__()
        self.early = nn.Sequential(*(nn.Linear(2, 2, bias=False) for _ in range(6)))
        self.head = nn.Linear(2, 3)
        self.late = nn.Linear(2, 2, bias=False)


def test_the_body_is_cut_in_order_and_the_head_comes_last_at_the_full_rate():
    network = Chain()
    groups = layer_groups(network, 0.1, 0.5, n_groups=3)
    body = [*network.early.parameters(), network.late.weight]
    assert [[id(p) for p in group["params"]] for group in groups] == [
        [id(p) for p in part] for part in (body[:2], body[2:4], body[4:], list(network.head.parameters()))
    ]
    assert [group["lr"] for group in groups] == pytest.approx([0.0125, 0.025, 0.05, 0.1])


def test_every_parameter_is_in_one_group_frozen_or_not():
    network = architecture("inception_time").build(12, 100, 2, {"filters": 4, "depth": 3}, seed=1)
    network.requires_grad_(False)
    groups = layer_groups(network, 1e-3, 0.3)
    together = [id(p) for group in groups for p in group["params"]]
    assert sorted(together) == sorted(id(p) for p in network.parameters())
    sizes = [len(group["params"]) for group in groups[:-1]]
    assert len(sizes) == 4
    assert max(sizes) - min(sizes) <= 1
    torch.optim.AdamW(groups)  # which refuses a parameter in two groups


def test_a_body_without_parameters_leaves_the_head_alone():
    network = architecture("rlign_logistic").build(12, 100, 2, {}, seed=1)
    (group,) = layer_groups(network, 1e-3, 0.3)
    assert group["lr"] == 1e-3
    assert len(group["params"]) == 2
