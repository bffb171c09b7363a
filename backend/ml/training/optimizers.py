"""Optimisers and schedules by name. A network is trained in groups of parameters, each at a share of the one rate."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

from torch import nn, optim
from torch.optim import Optimizer

from backend.ml.architectures.network import Network
from backend.ml.training.choices import OptimizerName
from backend.ml.training.config import TrainingConfig

Group: TypeAlias = dict[str, Any]  # of an optimiser: "params", and "lr" as a share of the learning rate


@dataclass(frozen=True)
class Choice:
    """An optimiser, and the learning rates that suit it."""

    make: Callable[..., Optimizer]
    default: float  # learning rate where none is found
    range: tuple[float, float]  # of what the search may choose
    highest: float = 1.0  # the search goes up to here


OPTIMIZERS: Mapping[OptimizerName, Choice] = {
    "adamw": Choice(lambda groups: optim.AdamW(groups, fused=True), 1e-3, (1e-4, 1e-2)),
    "adam": Choice(lambda groups: optim.Adam(groups, fused=True), 1e-3, (1e-4, 1e-2)),
    "nadam": Choice(lambda groups: optim.NAdam(groups, foreach=True), 1e-3, (1e-4, 1e-2)),
    "adamax": Choice(lambda groups: optim.Adamax(groups, foreach=True), 2e-3, (2e-4, 2e-2)),
    # its rate is relative to the size of each weight matrix
    "adafactor": Choice(lambda groups: optim.Adafactor(groups, foreach=True), 1e-2, (1e-3, 1e-1), 10.0),
    "rmsprop": Choice(lambda groups: optim.RMSprop(groups, foreach=True), 3e-4, (3e-5, 3e-3)),
    "sgd": Choice(
        lambda groups: optim.SGD(groups, lr=0.1, momentum=0.9, nesterov=True, fused=True), 5e-2, (1e-3, 0.5), 10.0
    ),
}
WARM_UP = 0.3  # share of one_cycle that the rate rises
START, END = 25.0, 1e4  # one_cycle begins at the rate over START, and ends at that over END
RAMP = 0.05  # share of cosine that the rate rises, at most RAMP_STEPS
RAMP_STEPS = 100


def layer_groups(network: Network, rate: float, decay: float, n_groups: int = 4) -> list[Group]:
    """Return groups for a torch optimiser, each {"params": [...], "lr": ...}, from the first layers to the head.

    The body's parameters, in order of registration, are cut into `n_groups` parts of nearly equal numbers of tensors
    (fewer where there are fewer tensors, none for a body without parameters). The head is the last group and learns at
    `rate`, each group before it at `decay` times the rate of the next (Howard & Ruder 2018, arXiv:1801.06146). No
    parameter is left out, frozen ones neither.
    """
    head = list(network.head.parameters())
    of_head = {id(parameter) for parameter in head}
    body = [parameter for parameter in network.parameters() if id(parameter) not in of_head]
    n = min(n_groups, len(body))
    cuts = [len(body) * i // n for i in range(n + 1)] if n else []
    parts: list[list[nn.Parameter]] = [*(body[a:b] for a, b in pairwise(cuts)), head]
    return [{"params": part, "lr": rate * decay ** (len(parts) - 1 - i)} for i, part in enumerate(parts)]


def make_optimizer(network: nn.Module, config: TrainingConfig, groups: Iterable[Group] | None = None) -> Optimizer:
    """Return the optimiser of `config` for the parameters of `network` that are trained, in `groups` where given.

    Biases, the factors of norms and whatever has the attribute `no_weight_decay` are not decayed; a parameter's
    attribute `rate_factor` scales its rate. Set the rate with `set_rate`.
    """
    if groups is None:
        groups = [{"params": list(network.parameters()), "lr": 1.0}]
    split: dict[tuple[int, float, float], list[nn.Parameter]] = {}
    for index, group in enumerate(groups):
        for parameter in group["params"]:
            if parameter.requires_grad:
                free = parameter.ndim < 2 or getattr(parameter, "no_weight_decay", False)
                share = group["lr"] * getattr(parameter, "rate_factor", 1.0)
                split.setdefault((index, 0.0 if free else config.weight_decay, share), []).append(parameter)
    choice = OPTIMIZERS[config.optimizer]
    return choice.make(
        [
            {"params": params, "weight_decay": decay, "share": share, "lr": share * choice.default}
            for (_, decay, share), params in split.items()
        ]
    )


def set_rate(optimizer: Optimizer, rate: float) -> None:
    """Give every group its share of the learning rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["share"]


def rate_at(config: TrainingConfig, rate: float, step: int, steps: int, epochs: int) -> float:
    """Return the learning rate of the step `step` (from 0), with `steps` an epoch and `epochs` in all.

    one_cycle (Smith & Topin 2018, arXiv:1708.07120) rises from rate/25 to `rate` and falls to nearly 0, both as half a
    cosine; cosine (Loshchilov & Hutter 2017, arXiv:1608.03983) rises linearly for a moment and falls to 0.
    """
    if config.schedule == "exponential":
        return rate * config.gamma ** (step // steps)
    last = max(1, epochs * steps - 1)
    if config.schedule == "cosine":
        ramp = min(RAMP_STEPS, round(RAMP * last))
        if step < ramp:
            return rate * (step + 1) / (ramp + 1)
        return _half_cosine(rate, 0.0, (step - ramp) / max(1, last - ramp))
    top = WARM_UP * (last + 1) - 1  # the step of the highest rate, not always a whole number
    if step <= top:
        return _half_cosine(rate / START, rate, step / top)
    return _half_cosine(rate, rate / START / END, (step - top) / max(1.0, last - top))


def _half_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(1.0, share))) / 2
