"""The head alone, fitted to its optimum: convex, so there are neither batches nor a learning rate, only a strength.

The body answers once for every record (`backend.ml.training.embeddings`). On these embeddings the linear head is
fitted to all training records at once by L-BFGS (Liu & Nocedal 1989, doi:10.1007/BF01589116), along a path of L2
strengths from strong to weak, each started from the one before. One strength is one epoch; the validation part decides
which is kept.
"""

import time
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from torch import Tensor, nn

from backend.ml.architectures.network import Network
from backend.ml.data.training_data import TrainingData
from backend.ml.spec import Task
from backend.ml.training.config import TrainingConfig
from backend.ml.training.embeddings import Embedding, embed
from backend.ml.training.events import BatchProgress
from backend.ml.training.loss import Loss

STRENGTHS = 12
STRONGEST, WEAKEST = 10**1.5, 1e-4
_ITERATIONS = 400  # of L-BFGS for one strength, at most
_CURVATURE = 0.1  # of a loss by its logit: between a quarter, of a sigmoid in doubt, and nothing
_WORK = 5e8  # multiplications of a round, by its order of size
_FLAT = 1e-6  # a dimension that varies less than this, of the largest, says nothing
_ROUNDED = 1e-4  # nor one that varies less than this, of its mean: what is left of a float32 is mostly rounding


@dataclass(frozen=True, eq=False)
class Embedded:
    """Embeddings (n, d) float32 of the training and the validation records, in the order of the split.

    With `one_unit` their dimensions are measured in the same unit, such as mV, so that the large ones tell more; they
    are then centred and divided by one number, instead of each by its own deviation.
    """

    train: NDArray[np.float32]
    validation: NDArray[np.float32]
    one_unit: bool = False


@dataclass(frozen=True, eq=False)
class Fitted:
    """The head of one strength, which the network now has."""

    epoch: int  # from 1
    strength: float
    train_loss: float  # without the penalty
    logits: Tensor  # (n_validation, L) float32, on the CPU
    seconds: float


def strengths(config: TrainingConfig) -> list[float]:
    """Return the L2 strengths in their order; there are STRENGTHS, or fewer where `config.max_epochs` says so.

    A strength s is the penalty s/2·‖W‖² beside the mean loss of a record and label, of standardised embeddings; it is
    scikit-learn's C = 1 / (n·s). A single one is the middle of the path.
    """
    n = min(STRENGTHS, config.max_epochs)
    path = np.geomspace(STRONGEST, WEAKEST, n) if n > 1 else [np.sqrt(STRONGEST * WEAKEST)]
    return [float(strength) for strength in path]


def embed_parts(
    network: Network, data: TrainingData, window: int | None = None
) -> Generator[BatchProgress, None, Embedded]:
    """Return the embeddings that `fit` takes, yielding after each batch; `window` is that of `embeddings.embed`."""
    parts: dict[str, NDArray[np.float32]] = {}
    total = len(data.split.train) + len(data.split.validation)
    seen = 0
    for name, rows in (("train", data.split.train), ("validation", data.split.validation)):
        batches = []
        for batch in embed(network, data.x, rows, data.patient, window=window):
            batches.append(batch)
            seen += len(batch)
            yield BatchProgress("embed", 0, seen / total)
        parts[name] = np.concatenate(batches) if batches else np.empty((0, network.head.in_features), np.float32)
    return Embedded(parts["train"], parts["validation"], one_unit=getattr(network, "one_unit", False))


def parts_of(embedding: Embedding, data: TrainingData) -> Embedded:
    """Return the embeddings that `fit` takes from those of all records."""
    one_unit = getattr(embedding.network, "one_unit", False)
    return Embedded(embedding.values[data.split.train], embedding.values[data.split.validation], one_unit)


def fit(
    head: nn.Linear,
    embedded: Embedded,
    y: NDArray[np.float32],
    loss: Loss,
    task: Task,
    config: TrainingConfig,
    *,
    done: int = 0,
) -> Generator[BatchProgress | Fitted]:
    """Fit `head` in place, one strength after the other, yielding often and a Fitted at the end of each.

    `y` (n_train, L) are the labels or standardised targets of the training records. `loss` is that of `make_loss`;
    with cross-entropy the optimum is unique, with the others it is a local one. `done` strengths are skipped: given the
    head as it was after them, the rest comes out as if nothing had been interrupted. The caller stops whenever it
    likes; the head then has a state between two strengths.
    """
    scale = _Scale(torch.from_numpy(embedded.train).to(head.weight.device), embedded.one_unit)
    z = scale.standardised
    target = torch.from_numpy(y).to(z)
    validation = torch.from_numpy(embedded.validation).to(head.weight.device)
    labels = 1 if task == "single_label" else y.shape[1]  # the mean over labels must not weaken each of them
    for epoch, strength in enumerate(strengths(config)[done:], done + 1):
        start = time.perf_counter()
        # From the rounded head, not from the exact one: a resumed run has nothing else.
        objective = _Objective(z, target, loss, strength / labels)
        at = objective.packed(*scale.unfold(head))
        rounds = -(-_ITERATIONS // objective.iterations)
        for i in range(rounds):
            found = minimize(
                objective, at, jac=True, method="L-BFGS-B",
                options={"maxiter": objective.iterations, "maxcor": 20, "gtol": 1e-5, "ftol": 1e-13},
            )  # fmt: skip
            at = found.x
            yield BatchProgress("train", epoch, (i + 1) / rounds)
            if found.nit < objective.iterations:
                break
        weight, bias = objective.unpacked(at)
        with torch.no_grad():
            train_loss = loss(nn.functional.linear(z, weight, bias), target).item()
            scale.fold(weight, bias, head)
            logits = head(validation).float().cpu()
        yield Fitted(epoch, strength, train_loss, logits, time.perf_counter() - start)


class _Objective:
    """The mean loss and the penalty share/2·‖W‖² of a head, and their gradient, as `scipy.optimize.minimize` asks.

    Only the loss of the logits is differentiated by torch; the linear layer around it is two products of matrices,
    which for a hundred records is most of the time saved.
    """

    def __init__(self, z: Tensor, target: Tensor, loss: Loss, share: float) -> None:
        self.target, self.loss = target, loss
        variance = z.square().mean(dim=0)
        self.unit = (_CURVATURE * variance + share).rsqrt()  # of a coordinate, in which the value bends by about one
        self.z, self.penalty = z * self.unit, share * self.unit.square()
        self.shape = (target.shape[1], z.shape[1])
        # Between two signs of life: about a second, and the same for the same records, so that a fit can be repeated.
        self.iterations = int(np.clip(_WORK / max(1, z.numel() * target.shape[1]), 10, 100))

    def packed(self, weight: Tensor, bias: Tensor) -> NDArray[np.float64]:
        """Return weight (L, d) and bias (L,) as one vector of coordinates."""
        return torch.cat([(weight / self.unit).flatten(), bias]).cpu().numpy()

    def unpacked(self, at: NDArray[np.float64]) -> tuple[Tensor, Tensor]:
        """Return weight (L, d) and bias (L,) of a vector of coordinates."""
        weight, bias = self._parts(at)
        return weight * self.unit, bias

    def _parts(self, at: NDArray[np.float64]) -> tuple[Tensor, Tensor]:
        both = torch.from_numpy(at).to(self.z.device)
        n_labels = self.shape[0]
        return both[:-n_labels].view(self.shape), both[-n_labels:]

    def __call__(self, at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return the value at `at`, and the gradient there."""
        weight, bias = self._parts(at)
        logits = torch.addmm(bias, self.z, weight.T).requires_grad_()
        value = self.loss(logits, self.target)
        (slope,) = torch.autograd.grad(value, logits)
        pull = weight * self.penalty
        gradient = torch.cat([torch.addmm(pull, slope.T, self.z).flatten(), slope.sum(dim=0)])
        return value.item() + float((pull * weight).sum()) / 2, gradient.cpu().numpy()


class _Scale:
    """Mean and deviation of embeddings, which the head takes up.

    `standardised` are coordinates along the principal axes of the space that the records span: there lies the optimum,
    the penalty is the same, and each coordinate has a curvature of its own, which `_Objective` evens out.
    """

    def __init__(self, embeddings: Tensor, one_unit: bool) -> None:
        z = embeddings.double()
        self.mean = z.mean(dim=0)
        self.deviation = z.std(dim=0, correction=0)
        varies = (self.deviation > _FLAT * self.deviation.max()) & (self.deviation > _ROUNDED * self.mean.abs())
        if one_unit:
            self.deviation = self.deviation.square().mean().sqrt().expand_as(self.deviation)
        self.inverse = torch.where(varies, 1 / self.deviation, 0.0)
        z = (z - self.mean) * self.inverse
        self.basis: Tensor  # (min(n, d), d), orthonormal rows
        if len(z) < z.shape[1]:
            left, size, self.basis = torch.linalg.svd(z, full_matrices=False)
            self.standardised = left * size
        else:
            self.basis = torch.linalg.eigh(z.T @ z).eigenvectors.T
            self.standardised = z @ self.basis.T

    def unfold(self, head: nn.Linear) -> tuple[Tensor, Tensor]:
        """Return weight and bias for standardised embeddings, in float64."""
        weight, bias = head.weight.detach().double(), head.bias.detach().double()
        bias = bias + weight @ self.mean
        weight = weight * self.deviation * (self.inverse > 0)
        return weight @ self.basis.T, bias

    def fold(self, weight: Tensor, bias: Tensor, head: nn.Linear) -> None:
        """Write into `head` what does to embeddings as `weight` and `bias` do to standardised ones."""
        folded = weight @ self.basis * self.inverse
        head.weight.copy_(folded)
        head.bias.copy_(bias - folded @ self.mean)
