"""What the router of a network in training does with ECGs (`backend.ml.evaluation.routes` says what is measured)."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from backend.ml.architectures.cardx import CardX
from backend.ml.architectures.register import EXPERTS
from backend.ml.evaluation.routes import RouterReport, report

_AT_ONCE = 64


def watch(
    network: CardX, x: NDArray[np.float32], classes: Mapping[str, NDArray[np.bool_]] | None = None
) -> RouterReport:
    """Return what the router of a network does with ECGs x (n, 12, t), and with those of each class (n,)."""
    network.eval()
    with torch.inference_mode():
        parts = [network.embedded(torch.from_numpy(x[at : at + _AT_ONCE]))[1] for at in range(0, len(x), _AT_ONCE)]
    always = "" if network.always is None else EXPERTS[network.always]
    return report(torch.cat(parts).numpy(), EXPERTS, always, classes or {})
