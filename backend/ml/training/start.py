"""What a fine-tuning starts from, and the network that a training begins with."""

import hashlib
from dataclasses import dataclass

import torch
from torch import nn

from backend.ml.architectures import architecture
from backend.ml.architectures.named_weights import load_strictly
from backend.ml.architectures.network import Network
from backend.ml.errors import SettingError
from backend.ml.spec import EXTERNAL, ModelSpec
from backend.ml.training.config import TrainingConfig


@dataclass(frozen=True, eq=False)
class Base:
    """A trained model that another training starts from.

    `weights` are safetensors with every parameter and buffer of the native `Network` under its own name; None for a
    network that is known by its graph alone, whose `spec.architecture` may be "external".
    """

    name: str
    spec: ModelSpec
    onnx: bytes
    weights: bytes | None

    @property
    def sha256(self) -> str:
        """SHA-256 of the ONNX file, in hexadecimal."""
        return hashlib.sha256(self.onnx).hexdigest()


def network_for(spec: ModelSpec, config: TrainingConfig, base: Base | None = None) -> Network:
    """Return the network that a training of `spec` begins with, on the CPU, the same for the same `config.seed`.

    Without a base it is freshly drawn. With one it has the body of the base and a fresh head of len(spec.labels); of
    labels that both know, in the same classification task, the head's rows are those of the base.
    Raises SettingError where method and base do not go together or the base does not fit `spec`, ModelInvalidError for
    weights that are not those of the base's architecture.
    """
    _check_method(spec, config, base)
    if base is None:
        entry = architecture(spec.architecture)
        return entry.build(len(spec.leads), spec.n_samples, len(spec.labels), spec.config, seed=config.seed)
    if base.weights is None:
        from backend.ml.foreign.network import load as load_foreign  # loaded only where such a model is trained

        return load_foreign(base.onnx, len(spec.labels), seed=config.seed)
    network = _native(base, base.weights, spec)
    old, network.head = network.head, fresh_head(network.head.in_features, len(spec.labels), config.seed)
    if spec.task == base.spec.task != "regression":
        _keep_rows(old, network.head, base.spec.labels, spec.labels)
    return network


def fresh_head(in_features: int, n_labels: int, seed: int) -> nn.Linear:
    """Return a linear layer drawn from `seed`; the caller's random numbers are left as they were."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Linear(in_features, n_labels)


def _check_method(spec: ModelSpec, config: TrainingConfig, base: Base | None) -> None:
    if base is not None and config.method == "scratch":
        raise SettingError("Training from scratch takes no base model. Choose another method, or leave the base out.")
    if base is None and spec.architecture == EXTERNAL:
        raise SettingError("A network known only by its file can be fine-tuned, not trained anew. Give it as the base.")
    if base is None and config.method != "scratch" and not architecture(spec.architecture).convex:
        raise SettingError("Fine-tuning starts from a trained model. Choose one, or train from scratch.")
    if base is not None and base.spec.leads != spec.leads:
        raise SettingError("The base model takes other leads. Fine-tuning keeps those of the base.")


def _native(base: Base, weights: bytes, spec: ModelSpec) -> Network:
    """Return the network of the base with its own head."""
    entry = architecture(base.spec.architecture)
    full = entry.complete(base.spec.config)
    if spec.architecture != entry.name or entry.complete(spec.config) != full:
        raise SettingError(f"The base model is a {entry.title} with settings of its own; fine-tuning keeps both.")
    network = entry.build(len(spec.leads), spec.n_samples, len(base.spec.labels), full, seed=0)
    if spec.n_samples != base.spec.n_samples:
        own = entry.build(len(spec.leads), base.spec.n_samples, len(base.spec.labels), full, seed=0)
        if _shapes(own) != _shapes(network):
            raise SettingError(
                f"A {entry.title} is made for one length of ECGs; the base takes {base.spec.n_samples} samples a lead, "
                f"not {spec.n_samples}. Keep the preprocessing of the base."
            )
    load_strictly(network, weights)
    return network


def _shapes(network: Network) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in network.state_dict().items()}


def _keep_rows(old: nn.Linear, new: nn.Linear, old_labels: tuple[str, ...], new_labels: tuple[str, ...]) -> None:
    """Copy the rows of labels that both have."""
    rows = {label: row for row, label in enumerate(old_labels)}
    with torch.no_grad():
        for row, label in enumerate(new_labels):
            if label in rows:
                new.weight[row] = old.weight[rows[label]]
                new.bias[row] = old.bias[rows[label]]
