"""An exponential moving average of a network's weights and running statistics (Polyak & Juditsky 1992)."""

import copy

import torch
from torch import Tensor, nn


def follower(network: nn.Module) -> nn.Module:
    """Return a copy of the network that is not trained, to hold the average."""
    return copy.deepcopy(network).requires_grad_(False).eval()


def warmed_up(decay: float, updates: int) -> float:
    """Return the decay of the update after so many others: less at first, so that the first weights are forgotten."""
    return min(decay, (1 + updates) / (10 + updates))


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move the average towards the network: average = decay·average + (1 - decay)·network; whole numbers are copied."""
    targets, sources = average.state_dict(), network.state_dict()
    moved: tuple[list[Tensor], list[Tensor]] = ([], [])
    for name, target in targets.items():
        if target.is_floating_point() or target.is_complex():
            moved[0].append(target)
            moved[1].append(sources[name])
        else:
            target.copy_(sources[name])
    torch._foreach_lerp_(*moved, 1 - decay)
