"""What the routes of a pre-trained CardX are worth: the error on held-out ECGs when they are chosen otherwise.

Learned as it is; shuffled among the ECGs of a batch; random; each fixed pair; each expert alone; all four ("dense").
The network was trained with its learned routes, so every other choice is a change to it: what a network trained for
that choice would reach is another question (docs/cardx.md).

python -m bench.cardx_routes POOL.npz CHECKPOINT [--always-on 0|1] [--objective NAME=WEIGHT ...]
"""

import argparse
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from backend.ml.architectures import architecture
from backend.ml.architectures.cardx import CardX
from backend.ml.architectures.register import EXPERTS
from backend.ml.pretraining.config import PretrainingConfig
from backend.ml.pretraining.disturb import disturbed
from backend.ml.pretraining.objective import Batch, Objectives
from backend.ml.pretraining.pretrain import _parts
from backend.ml.pretraining.state import load
from bench.cardx_pretrain import stored_pool

AT_ONCE, REPEATS = 256, 5


class Instead(nn.Module):
    """A router whose logits (b, 4) are changed."""

    def __init__(self, router: nn.Module, change: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.router, self.change = router, change

    def forward(self, x: Tensor) -> Tensor:
        return self.change(self.router(x))


def routings(network: CardX) -> Iterator[tuple[str, int]]:
    """Set each way of choosing in turn; yield its name and how often it is measured."""
    own, pairs = network.router, list(combinations(range(len(EXPERTS)), 2))
    yield "learned", 1
    network.router = Instead(own, lambda logits: logits[torch.randperm(len(logits))])
    yield "shuffled", REPEATS
    network.router = Instead(own, lambda logits: torch.randn_like(logits))
    yield "random", REPEATS
    network.router = own
    for route in [*pairs, *((i,) for i in range(len(EXPERTS))), tuple(range(len(EXPERTS)))]:
        network.route = route
        yield " + ".join(EXPERTS[i] for i in route) if len(route) < len(EXPERTS) else "all four", 1
    network.route = None


@torch.inference_mode()
def error(network: CardX, objectives: Objectives, clean: Tensor, beats: Tensor) -> float:
    """Return the error of telling the aligned median beats (n, 12, 100) of ECGs (n, 12, 1000); 1 is the mean beat."""
    told, n = 0.0, len(clean)
    for rows in torch.arange(n).split(AT_ONCE):
        h = network.features(clean[rows])
        losses = objectives.losses(h, Batch(clean[rows], beats[rows], None, None, None, None, None))
        told += float(losses["rlign"]) * len(rows) / n
    return told


@torch.inference_mode()
def stability(network: CardX, clean: Tensor, rate: float) -> float:
    """Return the share of ECGs that take the same route when they are disturbed as in pre-training, twice."""
    same = 0
    for rows in torch.arange(len(clean)).split(AT_ONCE):
        first, second = (network.routed(disturbed(clean[rows], rate))[1].chosen for _ in range(2))
        same += int((first == second).all(dim=1).sum())
    return same / len(clean)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pool", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--always-on", type=int, default=1)
    parser.add_argument("--objective", action="append", default=[])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    weights = dict(part.split("=") for part in options.objective) or {"rlign": "1"}
    config = PretrainingConfig(
        objectives={name: float(weight) for name, weight in weights.items()}, passes=1, seed=options.seed
    )
    data, state = stored_pool(options.pool), load(options.checkpoint)
    if state is None or data.beats is None:
        raise SystemExit("There is no checkpoint.")
    network = architecture("cardx").build(12, 1000, 2, {"always_on": options.always_on}, seed=0)
    assert isinstance(network, CardX)
    network.load_state_dict(state.network)
    network.eval()
    objectives = Objectives(network.head.in_features, data, config)
    objectives.load_state_dict(state.objectives)
    held_out = _parts(len(data.x), config)[1]
    clean = torch.from_numpy(np.asarray(data.x[held_out], np.float32))
    beats = torch.from_numpy(np.asarray(data.beats[held_out], np.float32))
    print(f"{len(held_out)} ECGs held out; the same route under disturbance in {stability(network, clean, 100):.1%}")
    for name, times in routings(network):
        found = [error(network, objectives, clean, beats) for _ in range(times)]
        print(f"{name:30} {np.mean(found):.4f}{f' ± {np.std(found):.4f}' if times > 1 else ''}", flush=True)


if __name__ == "__main__":
    main()
