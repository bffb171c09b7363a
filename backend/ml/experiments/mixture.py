"""The mixture against its parts at equal computing: pre-trained alike, then a linear probe.

Passes are such that every arm costs as many FLOPs as the mixture with its learned routes. Each arm is trained with its
own routes from the beginning, so that no network meets a choice that it has not been trained for.
"""

from pathlib import Path
from statistics import mean
from typing import Any, Final

import torch
from torch import Tensor, nn

from backend.ml.architectures import architecture
from backend.ml.architectures.cardx import CardX
from backend.ml.architectures.cost import route_flops
from backend.ml.architectures.network import Network
from backend.ml.architectures.register import EXPERTS
from backend.ml.experiments.answers import CHECKPOINT, Run
from backend.ml.experiments.material import Material, Settings, drawn
from backend.ml.experiments.probed import CLINICAL, pretrained, probe

SIZES: Final = (500,)
ONE_FOR_ALL_SIZES: Final = True  # the pre-training sees no labels
OBJECTIVES: Final = {"rlign": 1.0, "rr": 0.05}
ROUTES: Final[dict[str, tuple[int, ...] | None]] = {
    "learned routes": None,
    "random routes": None,
    "fixed pair: residual network and XceptionTime": (0, 2),
    "XceptionTime alone": (0,),
    "InceptionTime alone": (1,),
    "residual network alone": (2,),
    "transformer alone": (3,),
}
assert EXPERTS == ("xception_time", "inception_time", "xresnet1d", "transformer")


class RandomRouter(nn.Module):
    """Logits that know nothing of the ECG."""

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, w, 1, t) to logits (b, 4)."""
        return torch.randn(len(x), len(EXPERTS), device=x.device)


def runs(material: Material, settings: Settings) -> list[Run]:  # noqa: ARG001 - all experiments take both
    """Return the runs, a whole seed first."""
    sizes = settings.sizes or SIZES
    return [Run(seed, n, arm) for seed in range(1, settings.seeds + 1) for n in sizes for arm in ROUTES]


def do(run: Run, material: Material, settings: Settings, folder: Path) -> dict[str, Any]:
    """Pre-train one form of the network, and probe it."""
    network, passes = form(run.arm, settings, run.seed)
    torch.manual_seed(run.seed)  # of random routes where nothing is learned
    network = pretrained(network, material, OBJECTIVES, passes, run.seed, settings, folder / CHECKPOINT)
    rows = drawn(material, material.split.train, run.n, run.seed)
    return {"tests": probe(network, material, rows, run.seed), "passes": passes}


def form(arm: str, settings: Settings, seed: int) -> tuple[Network, int]:
    """Return the network of an arm, and the passes that cost as much as those of the mixture."""
    network = architecture("cardx").build(12, CLINICAL.n_samples, 2, settings.config, seed=seed)
    assert isinstance(network, CardX)
    wanted = mean(route_flops(network, 12, CLINICAL.n_samples))
    route = ROUTES[arm]
    if route is None:
        if arm.startswith("random"):
            network.router = RandomRouter()  # type: ignore[assignment]  # it is called as one
        return network, settings.passes
    network.routes = (route,)
    (costs,) = route_flops(network, 12, CLINICAL.n_samples)
    network.route = route
    return network, round(settings.passes * wanted / costs)
