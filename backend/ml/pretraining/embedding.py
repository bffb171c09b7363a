"""A pre-trained network as a model: it answers with its embedding, and has no labels of its own."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from backend.ecg.preprocess import preset
from backend.ml.architectures import architecture
from backend.ml.architectures.network import Network
from backend.ml.spec import ModelSpec


def embedding_model(
    name: str, config: Mapping[str, int | float], weights: Mapping[str, Tensor]
) -> tuple[Network, ModelSpec]:
    """Return a network whose answer is its embedding, the head being the identity, and its description.

    `weights` are named ones with any head. It takes ECGs as it was pre-trained on them: the preset `clinical`, and what
    the architecture demands.
    """
    entry = architecture(name)
    preprocessing = preset("clinical", **entry.demands)
    network = entry.build(12, preprocessing.n_samples, 2, dict(config), seed=0)
    body = {key: value for key, value in weights.items() if not key.startswith("head.")}
    network.load_state_dict(network.state_dict() | body)
    n = network.head.in_features
    network.head = nn.Linear(n, n)
    with torch.no_grad():
        network.head.weight.copy_(torch.eye(n))
        network.head.bias.zero_()
    spec = ModelSpec(
        architecture=name, config=entry.complete(config), labels=tuple(f"embedding {i + 1}" for i in range(n)),
        task="regression", preprocessing=preprocessing,
    )  # fmt: skip
    return network.eval(), spec
