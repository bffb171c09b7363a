"""A network with what it learns by: device, optimiser, loss. One method a step; the order of steps is `train.py`."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn

from backend.ml.architectures import ARCHITECTURES
from backend.ml.architectures.network import Network
from backend.ml.architectures.windows import windowed
from backend.ml.data.target_scale import scaled, target_scale
from backend.ml.data.training_data import TrainingData
from backend.ml.errors import SettingError
from backend.ml.spec import ModelSpec
from backend.ml.training import optimizers, weight_average
from backend.ml.training.augment import crop_samples, mix, training_batch
from backend.ml.training.choices import Precision
from backend.ml.training.config import TrainingConfig
from backend.ml.training.embeddings import Embedding
from backend.ml.training.hardware import (
    activation_bytes,
    automatic_batch_size,
    evaluation_batch,
    memory_budget,
    uses_bfloat16,
)
from backend.ml.training.loss import Loss, make_loss
from backend.ml.training.optimizers import layer_groups
from backend.ml.training.start import Base, network_for


def only_the_head(spec: ModelSpec, config: TrainingConfig) -> bool:
    """Say whether the training is the fit of a linear head to what the body makes of the records."""
    entry = ARCHITECTURES.get(spec.architecture)
    return config.method == "head" or (entry is not None and entry.convex)


Batch: TypeAlias = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32] | None]
"""Signals (b, 12, n_crop), targets (b, L) and, for networks that take them, facts of the patients (b, 4)."""


class Learner:
    """The network of a run on its device, with its data.

    `network` is what learns, `kept` what is validated and kept: the network, or the average of its weights.
    `processes` share a step.
    """

    processes = 1

    def __init__(
        self,
        data: TrainingData,
        spec: ModelSpec,
        config: TrainingConfig,
        base: Base | None = None,
        embedding: Embedding | None = None,
    ) -> None:
        self.data = data if spec.takes_patient else replace(data, patient=None)
        self.spec = spec
        self.config = config
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.network: Network = (network_for(spec, config, base) if embedding is None else embedding.network).to(
            self.device
        )
        if embedding is not None:
            self.network.head.load_state_dict(embedding.head)
        self.only_head = only_the_head(spec, config)
        if getattr(self.network, "frozen", False) and not self.only_head:
            raise SettingError(
                "Only the head of this model can be trained, because its file could not be converted. Choose “head”."
            )
        if self.only_head:
            self.network.requires_grad_(False).head.requires_grad_(True)
        groups = layer_groups(self.network, 1.0, config.layer_decay) if config.method == "head_then_all" else None
        self.optimizer = optimizers.make_optimizer(self.network, config, groups)
        self.average = weight_average.follower(self.network) if config.ema and not self.only_head else None
        self.updates = 0
        self.target_scale = target_scale(data.y[data.split.train]) if spec.task == "regression" else None
        self.y = data.y if self.target_scale is None else scaled(data.y, self.target_scale)
        self.loss = make_loss(data.y[data.split.train], spec.task, config.class_weights, self.device, config.loss)
        self.n_crop = crop_samples(config.augmentation, spec.preprocessing.rate, spec.n_samples)

    @property
    def device_name(self) -> str:
        """Return "cpu", or the name of the GPU."""
        return torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else "cpu"

    @property
    def parameters(self) -> int:
        """Return the number of trainable numbers."""
        return sum(parameter.numel() for parameter in self.network.parameters() if parameter.requires_grad)

    @property
    def window(self) -> int | None:
        """Return the length in samples of the windows over which the model's answer is a mean; None for no windows."""
        return None if self.spec.window_s is None else round(self.spec.window_s * self.spec.preprocessing.rate)

    @property
    def kept(self) -> nn.Module:
        """Return the network that is validated and kept."""
        return self.network if self.average is None else self.average

    def weights_to_keep(self) -> dict[str, Tensor]:
        """Return the weights that make the model, by their names in the network; where only the head learns, its."""
        weights = self.kept.state_dict()
        return {name: weights[name] for name in weights if not self.only_head or name.startswith("head.")}

    def begin_with(self, head: dict[str, Tensor]) -> None:
        """Set the weights of the head, before any step is made."""
        self.network.head.load_state_dict(head)
        if self.average is not None:
            self.average.load_state_dict(self.network.state_dict())

    def state(self) -> dict[str, Any]:
        """Return all that learning changes, as a checkpoint holds it; the tensors are those in use, not copies."""
        if self.only_head:
            return {"head": self.network.head.state_dict()}
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": None if self.average is None else self.average.state_dict(),
            "updates": self.updates,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to what `state` gave."""
        if self.only_head:
            self.network.head.load_state_dict(state["head"])
            return
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(copy.deepcopy(state["optimizer"]))
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.updates = state["updates"]

    def batch_size(self) -> int:
        """Return the automatic batch size for this network, data and machine."""
        window = torch.zeros(2, self.data.x.shape[1], self.n_crop, device=self.device)
        self.network.train()
        facts = self._facts(np.zeros(2, np.intp))
        needed = activation_bytes(self.network, window, None if facts is None else self._tensor(facts))
        return automatic_batch_size(len(self.data.split.train), needed, memory_budget(self.device))

    def batches(self, size: int, random: Generator) -> list[NDArray[np.intp]]:
        """Return the training records in random order, in batches of nearly equal size (never one alone)."""
        rows = random.permutation(self.data.split.train)
        return np.array_split(rows, min(-(-len(rows) // size), len(rows) // 2))

    def step(self, rows: NDArray[np.intp], random: Generator) -> float:
        """Learn from the records `rows`, augmented afresh, and return the loss before the step."""
        self.optimizer.zero_grad()
        loss = self.backward(self.batch(rows, random))
        self.update()
        return loss.item()

    def batch(self, rows: NDArray[np.intp], random: Generator) -> Batch:
        """Return the records `rows`, augmented afresh and mixed."""
        settings, rate = self.config.augmentation, self.spec.preprocessing.rate
        arrays = [training_batch(self.data.x, rows, self.n_crop, settings, random, rate), self.y[rows]]
        if self.data.patient is not None:
            arrays.append(self.data.patient[rows])
        if self.config.mixup:
            arrays = mix(arrays, self.config.mixup, random)
        return arrays[0], arrays[1], arrays[2] if len(arrays) > 2 else None

    def precision(self, batch: Batch) -> Precision:
        """Return in which precision a step on this batch is computed."""
        samples = len(batch[0]) * batch[0].shape[2]
        return "bfloat16" if uses_bfloat16(self.config.precision, self.device, samples) else "float32"

    def backward(self, batch: Batch, precision: Precision | None = None) -> Tensor:
        """Add the gradient of a batch to the parameters and return its loss; of a share, in that of the whole batch."""
        self.network.train()
        return gradient(self.network, self.loss, precision or self.precision(batch), self.device, batch)

    def update(self) -> None:
        """Make the optimiser's step with the gradient that is there, and let the average follow."""
        nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip_norm)
        self.optimizer.step()
        if self.average is not None:
            weight_average.follow(self.average, self.network, weight_average.warmed_up(self.config.ema, self.updates))
        self.updates += 1

    def validation_logits(self) -> Iterator[Tensor]:
        """Yield the logits of the validation records, as the exported model gives them, batch after batch."""
        yield from self.answers(self.data.split.validation)

    def answers(self, rows: NDArray[np.intp]) -> Iterator[Tensor]:
        """Yield the logits of the records `rows`, as the exported model gives them, batch after batch."""
        answering = windowed(self.kept, self.spec).eval()  # type: ignore[arg-type]  # a copy of a Network is one
        for start in range(0, len(rows), self.n_answered):
            part = rows[start : start + self.n_answered]
            yield answered(answering, self.device, self.data.x[part], self._facts(part))

    @property
    def n_answered(self) -> int:
        """Return how many records are answered at once."""
        return evaluation_batch(self.data.x.shape[2], self.device)

    def validation_loss(self, logits: Sequence[Tensor]) -> float:
        """Return the loss of all validation logits."""
        return self.loss(torch.cat(list(logits)), self._tensor(self.y[self.data.split.validation])).item()

    def _facts(self, rows: NDArray[np.intp]) -> NDArray[np.float32] | None:
        return None if self.data.patient is None else self.data.patient[rows]

    def _tensor(self, array: NDArray[np.float32]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)


def answered(
    network: nn.Module, device: torch.device, x: NDArray[np.float32], patient: NDArray[np.float32] | None
) -> Tensor:
    """Return the logits (b, L) of a network on `device` for records x (b, 12, samples)."""
    facts = None if patient is None else torch.from_numpy(patient).to(device)
    with torch.inference_mode():
        logits: Tensor = network(torch.from_numpy(x).to(device), facts).float()
    return logits


def rows_of(batch: Batch, part: NDArray[np.intp]) -> Batch:
    """Return some rows of a batch."""
    x, y, patient = batch
    return x[part], y[part], None if patient is None else patient[part]


def gradient(network: nn.Module, loss: Loss, precision: Precision, device: torch.device, batch: Batch) -> Tensor:
    """Add the gradient of a batch to the parameters of a network on `device` and return its loss."""
    x, target = (torch.from_numpy(array).to(device) for array in batch[:2])
    patient = None if batch[2] is None else torch.from_numpy(batch[2]).to(device)
    with torch.autocast(device.type, torch.bfloat16, enabled=uses_bfloat16(precision, device, len(x) * x.shape[2])):
        logits = network(x, patient)
    value = loss(logits.float(), target)
    value.backward()  # type: ignore[no-untyped-call]
    return value.detach()
