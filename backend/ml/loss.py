"""The loss of a task, with rare labels weighted up."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from backend.ml.spec import Task

Loss: TypeAlias = Callable[[Tensor, Tensor], Tensor]
MOST = 10.0  # a rare label counts at most this much more: a handful of records must not rule the training


def label_weights(y: NDArray[np.float32], task: Task) -> NDArray[np.float32]:
    """Return (L,) weights from training labels (N, L) of 0 and 1.

    Single-label: inversely proportional to the number of records, with mean 1 over the records, the rarest at most
    MOST times the commonest. Multi-label: the weight of a label's positives, √(negatives / positives) from 1 to MOST.
    """
    counts = np.maximum(y.sum(axis=0), 1)
    if task == "multi_label":
        return np.asarray(np.clip(np.sqrt((len(y) - counts) / counts), 1, MOST), np.float32)
    weights = np.minimum(counts.max() / counts, MOST)
    return np.asarray(weights * counts.sum() / (weights * counts).sum(), np.float32)


def make_loss(y: NDArray[np.float32], task: Task, weighted: bool, device: torch.device) -> Loss:
    """Return the loss of logits (b, L) against labels (b, L): cross-entropy, or binary cross-entropy a label."""
    weights = torch.from_numpy(label_weights(y, task)).to(device) if weighted else None
    if task == "multi_label":
        return lambda logits, target: functional.binary_cross_entropy_with_logits(logits, target, pos_weight=weights)
    return lambda logits, target: functional.cross_entropy(logits, target.argmax(dim=1), weight=weights)
