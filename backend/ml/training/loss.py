"""The loss of a task, with rare labels weighted up."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from backend.ml.errors import SettingError
from backend.ml.spec import Task
from backend.ml.training.choices import LossName

Loss: TypeAlias = Callable[[Tensor, Tensor], Tensor]
MOST = 10.0  # a rare label counts at most this much more: a handful of records must not rule the training
GAMMA = 2.0  # of the focal loss
GAMMA_NEGATIVE, GAMMA_POSITIVE, CLIP = 4.0, 1.0, 0.05  # of the asymmetric loss


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


def make_loss(
    y: NDArray[np.float32], task: Task, weighted: bool, device: torch.device, name: LossName = "cross_entropy"
) -> Loss:
    """Return the loss of logits (b, L) against labels (b, L), which may be mixtures, from 0 to 1.

    cross_entropy: that of the softmax, or of a sigmoid a label. focal (Lin et al. 2017, arXiv:1708.02002): the same,
    times the 2nd power of how wrong the answer is. asymmetric (Ridnik et al. 2021, arXiv:2009.14119): for several
    labels, the easy negatives of which count least. A regression has the Huber loss of standardised values (y is not
    looked at), where NaN is left out. Raises SettingError where the loss does not suit the task.
    """
    if task == "regression":
        return huber
    weights = torch.from_numpy(label_weights(y, task)).to(device) if weighted else torch.ones(y.shape[1], device=device)
    if task == "single_label":
        if name == "asymmetric":
            raise SettingError("The asymmetric loss is for several labels at once. Choose cross_entropy or focal.")
        power = GAMMA if name == "focal" else 0.0
        return lambda logits, target: softmax_loss(logits, target, weights, power)
    if name == "asymmetric":
        return lambda logits, target: asymmetric(logits, target, weights)
    power = GAMMA if name == "focal" else 0.0
    return lambda logits, target: sigmoid_loss(logits, target, weights, power)


def softmax_loss(logits: Tensor, target: Tensor, weights: Tensor, power: float) -> Tensor:
    """Return the mean of -w·t·(1-p)^power·log p, weighted by the labels' weights (L,)."""
    log_p = functional.log_softmax(logits, dim=1)
    shares = weights * target
    modulated = shares * (1 - log_p.exp()) ** power if power else shares
    return -(modulated * log_p).sum() / shares.sum()


def sigmoid_loss(logits: Tensor, target: Tensor, weights: Tensor, power: float) -> Tensor:
    """Return the mean binary cross-entropy times (1-p)^power, p that of the truth; positives weigh `weights` (L,)."""
    if not power:
        return functional.binary_cross_entropy_with_logits(logits, target, pos_weight=weights)
    positive = weights * target * torch.sigmoid(-logits) ** power * functional.logsigmoid(logits)
    negative = (1 - target) * torch.sigmoid(logits) ** power * functional.logsigmoid(-logits)
    return -(positive + negative).mean()


def asymmetric(logits: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Return the mean asymmetric loss: negatives below a probability of CLIP cost nothing."""
    shifted = (torch.sigmoid(logits) - CLIP).clamp(min=0)
    positive = weights * target * torch.sigmoid(-logits) ** GAMMA_POSITIVE * functional.logsigmoid(logits)
    negative = (1 - target) * shifted**GAMMA_NEGATIVE * torch.log1p(-shifted)
    return -(positive + negative).mean()


def huber(values: Tensor, target: Tensor) -> Tensor:
    """Return the mean Huber loss (δ = 1) over the targets that are known; 0 where none is."""
    known = ~target.isnan()
    each = functional.smooth_l1_loss(values, torch.where(known, target, 0), reduction="none")
    return torch.where(known, each, 0).sum() / known.sum().clamp(min=1)
