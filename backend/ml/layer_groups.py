"""Parameters in groups of layers, so that fine-tuning changes early layers less than late ones.

Discriminative learning rates: Howard & Ruder 2018, arXiv:1801.06146.
"""

from itertools import pairwise
from typing import Any

from torch.nn import Parameter

from backend.ml.architectures.network import Network


def layer_groups(network: Network, rate: float, decay: float, n_groups: int = 4) -> list[dict[str, Any]]:
    """Return groups for a torch optimiser, each {"params": [...], "lr": ...}, from the first layers to the head.

    The body's parameters, in order of registration, are cut into `n_groups` parts of nearly equal numbers of tensors
    (fewer where there are fewer tensors, none for a body without parameters). The head is the last group and learns at
    `rate`, each group before it at `decay` times the rate of the next. No parameter is left out, frozen ones neither.
    """
    head = list(network.head.parameters())
    of_head = {id(parameter) for parameter in head}
    body = [parameter for parameter in network.parameters() if id(parameter) not in of_head]
    n = min(n_groups, len(body))
    cuts = [len(body) * i // n for i in range(n + 1)] if n else []
    parts: list[list[Parameter]] = [*(body[a:b] for a, b in pairwise(cuts)), head]
    return [{"params": part, "lr": rate * decay ** (len(parts) - 1 - i)} for i, part in enumerate(parts)]
