"""A network with what it learns by: device, optimizer, loss. One method a step; the order of steps is `train.py`."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn

from backend.ml.architectures import architecture
from backend.ml.augment import crop_samples, training_batch
from backend.ml.batch_size import activation_bytes, automatic_batch_size, memory_budget
from backend.ml.config import TrainingConfig
from backend.ml.data import TrainingData
from backend.ml.loss import make_loss
from backend.ml.spec import ModelSpec

LARGEST_GRADIENT = 1.0  # norm to which larger gradients are clipped
EVALUATION_BATCH = 64


def build_network(spec: ModelSpec, seed: int = 0) -> nn.Module:
    """Return the network of `spec` with fresh weights; raises SettingError for an unknown architecture or setting."""
    entry = architecture(spec.architecture)
    return entry.build(len(spec.leads), spec.n_samples, len(spec.labels), spec.config, seed=seed)


class Learner:
    """The network of a run on its device, with its data."""

    def __init__(self, data: TrainingData, spec: ModelSpec, config: TrainingConfig) -> None:
        self.data = data
        self.config = config
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = build_network(spec, config.seed).to(self.device)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=1e-3, weight_decay=config.weight_decay, fused=True
        )
        self.loss = make_loss(data.y[data.split.train], spec.task, config.class_weights, self.device)
        self.n_crop = crop_samples(config.augmentation, spec.preprocessing.rate, spec.n_samples)

    @property
    def device_name(self) -> str:
        """Return "cpu", or the name of the GPU."""
        return torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else "cpu"

    @property
    def parameters(self) -> int:
        """Return the number of trainable numbers."""
        return sum(parameter.numel() for parameter in self.model.parameters() if parameter.requires_grad)

    def batch_size(self) -> int:
        """Return the automatic batch size for this network, data and machine."""
        window = torch.zeros(1, self.data.x.shape[1], self.n_crop, device=self.device)
        self.model.train()
        needed = activation_bytes(self.model, window)
        return automatic_batch_size(len(self.data.split.train), needed, memory_budget(self.device))

    def batches(self, size: int, random: Generator) -> list[NDArray[np.intp]]:
        """Return the training records in random order, in batches of nearly equal size (never one alone)."""
        rows = random.permutation(self.data.split.train)
        return np.array_split(rows, min(-(-len(rows) // size), len(rows) // 2))

    def step(self, rows: NDArray[np.intp], random: Generator) -> float:
        """Learn from the records `rows`, augmented afresh, and return the loss before the step."""
        self.model.train()
        batch = training_batch(self.data.x, rows, self.n_crop, self.config.augmentation, random)
        self.optimizer.zero_grad()
        with torch.autocast("cuda", torch.bfloat16, enabled=self.device.type == "cuda"):
            logits = self.model(self._tensor(batch))
        loss = self.loss(logits.float(), self._tensor(self.data.y[rows]))
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), LARGEST_GRADIENT)
        self.optimizer.step()
        return loss.item()

    def validation_logits(self) -> Iterator[Tensor]:
        """Yield the logits of the validation records, whole and unaltered, batch after batch."""
        self.model.eval()
        rows = self.data.split.validation
        for part in np.array_split(rows, -(-len(rows) // EVALUATION_BATCH)):
            with torch.inference_mode():
                logits = self.model(self._tensor(self.data.x[part])).float()
            yield logits  # outside, so that the listener is not in inference mode

    def validation_loss(self, logits: Sequence[Tensor]) -> float:
        """Return the loss of all validation logits."""
        return self.loss(torch.cat(list(logits)), self._tensor(self.data.y[self.data.split.validation])).item()

    def _tensor(self, array: NDArray[np.float32]) -> Tensor:
        return torch.from_numpy(array).to(self.device)
