"""What an embedding is asked for in pre-training, and what each objective costs where it fails.

Shapes: b records, c leads, t samples, e numbers of the embedding.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from backend.ml.pretraining.config import PretrainingConfig
from backend.ml.pretraining.data import PretrainingData

_STEPS = 4  # samples that the masked objective tells at once
_TEMPERATURE = 0.1
_SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_MOST = 10.0  # a rare label counts at most so much more


class Batch(NamedTuple):
    """What is known of b records; each part is None where no objective asks for it."""

    clean: Tensor  # (b, c, t), undisturbed
    beats: Tensor | None  # (b, c, 100), NaN where unknown
    rr: Tensor | None  # (b, 2), mean and deviation in s, NaN where unknown
    y: Tensor | None  # (b, L), NaN where unknown
    values: Tensor | None  # (b, V)
    gaps: Tensor | None  # (b, 1, t): what of the view was masked
    twin: Tensor | None  # (b, e): the embedding of a second view


class Beats(nn.Module):
    """Half-whitened principal components of median beats: each divided by the root of its deviation.

    Small waves then count more than in mV, and noise less than if all components counted alike. Told as zeros, the
    error is 1.
    """

    def __init__(self, n_values: int, components: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_values))
        self.register_buffer("axes", torch.zeros(components, n_values))
        self.register_buffer("deviation", torch.ones(components))
        self.mean: Tensor
        self.axes: Tensor
        self.deviation: Tensor

    def fit(self, beats: NDArray[np.float32]) -> None:
        """Find the components of beats (n, c, 100) without NaN."""
        flat = torch.from_numpy(beats).flatten(1)
        mean = flat.mean(dim=0)
        variances, axes = torch.linalg.eigh((flat - mean).T @ (flat - mean) / len(flat))
        k = len(self.axes)
        self.mean.copy_(mean)
        self.axes.copy_(axes.flip(1).T[:k])
        self.deviation.copy_(variances.flip(0)[:k].clamp(min=1e-8).sqrt())

    def forward(self, beats: Tensor) -> Tensor:
        """Map (b, c, 100) to (b, k)."""
        projected: Tensor = (beats.flatten(1) - self.mean) @ self.axes.T
        return projected / self.deviation.sqrt()

    def error(self, told: Tensor, beats: Tensor) -> Tensor:
        """Return the error of each record (b,), NaN (which sends no gradient back) for one without a beat."""
        wanted = self(beats)
        each = (told - wanted.nan_to_num()).square().mean(dim=1) / self.deviation.mean()
        return torch.where(wanted.isnan().any(dim=1), torch.nan, each)


class Intervals(nn.Module):
    """Mean and variation of the RR intervals as two numbers of unit scale."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(2))
        self.register_buffer("deviation", torch.ones(2))
        self.mean: Tensor
        self.deviation: Tensor

    def fit(self, rr: NDArray[np.float32]) -> None:
        """Find the scale of RR intervals (n, 2) without NaN."""
        both = self.logarithms(torch.from_numpy(rr))
        self.mean.copy_(both.mean(dim=0))
        self.deviation.copy_(both.std(dim=0).clamp(min=1e-3))

    def forward(self, rr: Tensor) -> Tensor:
        """Map mean and deviation in s (b, 2) to standardised logarithms (b, 2)."""
        return (self.logarithms(rr) - self.mean) / self.deviation

    @staticmethod
    def logarithms(rr: Tensor) -> Tensor:
        """Return the logarithms of the mean and of the coefficient of variation plus 0.02, which keeps it finite."""
        return torch.stack([rr[:, 0].log(), (rr[:, 1] / rr[:, 0] + 0.02).log()], dim=1)


class Objectives(nn.Module):
    """The latent of an embedding and the linear decoders of it, for each objective of the settings."""

    def __init__(self, embedding: int, data: PretrainingData, config: PretrainingConfig) -> None:
        super().__init__()
        _, c, t = data.x.shape
        asked = {name for name, weight in config.objectives.items() if weight}
        self.weights = dict(config.objectives) | {"mmd": config.mmd}
        self.latent = nn.Linear(embedding, embedding)
        self.beats = Beats(c * 100, config.components) if "rlign" in asked else None
        self.beat_decoder = nn.Linear(embedding, config.components) if "rlign" in asked else None
        self.intervals = Intervals() if "rr" in asked else None
        self.interval_decoder = nn.Linear(embedding, 2) if "rr" in asked else None
        self.signal_decoder = nn.Linear(embedding, c * (t // _STEPS)) if "masked" in asked else None
        self.contrastive = "contrastive" in asked
        self.label_decoder = self.value_decoder = None
        if "labels" in asked and data.y is not None:
            self.label_decoder = nn.Linear(embedding, data.y.shape[1])
            self.register_buffer("rarity", torch.from_numpy(rarity(data.y)))
        if "values" in asked and data.values is not None:
            self.value_decoder = nn.Linear(embedding, data.values.shape[1])
        self.rarity: Tensor

    def losses(self, h: Tensor, batch: Batch) -> dict[str, Tensor]:
        """Return the loss of each objective, and "mmd", for embeddings (b, e)."""
        z = self.latent(h)
        found: dict[str, Tensor] = {}
        if self.beats is not None and self.beat_decoder is not None and batch.beats is not None:
            found["rlign"] = mean_of_known(self.beats.error(self.beat_decoder(z), batch.beats))
        if self.intervals is not None and self.interval_decoder is not None and batch.rr is not None:
            found["rr"] = known_error(self.interval_decoder(h), self.intervals(batch.rr))
        if self.signal_decoder is not None and batch.gaps is not None:
            found["masked"] = self._masked(z, batch.clean, batch.gaps)
        if self.contrastive and batch.twin is not None:
            found["contrastive"] = alike(z, self.latent(batch.twin))
        if self.label_decoder is not None and batch.y is not None:
            known = ~batch.y.isnan()
            each = functional.binary_cross_entropy_with_logits(
                self.label_decoder(h), batch.y.nan_to_num(), pos_weight=self.rarity, reduction="none"
            )
            found["labels"] = (each * known).sum() / known.sum().clamp(min=1)
        if self.value_decoder is not None and batch.values is not None:
            found["values"] = known_error(self.value_decoder(h), batch.values)
        if self.weights["mmd"] and len(z) > 1:  # of one there is no discrepancy
            found["mmd"] = mmd(z, torch.randn_like(z))
        return found

    def total(self, losses: dict[str, Tensor]) -> Tensor:
        """Return the weighted sum."""
        total: Tensor = torch.stack([self.weights[name] * loss for name, loss in losses.items()]).sum()
        return total

    def _masked(self, z: Tensor, clean: Tensor, hidden: Tensor) -> Tensor:
        """Return the mean square error inside the gaps, in means of four samples."""
        if self.signal_decoder is None:
            raise ValueError("There is no objective “masked”.")
        b, c, t = clean.shape
        n = t // _STEPS
        told = self.signal_decoder(z).view(b, c, n)
        wanted = functional.avg_pool1d(clean, _STEPS)
        inside = functional.avg_pool1d(hidden.to(clean.dtype), _STEPS)
        error: Tensor = ((told - wanted).square() * inside).sum() / (c * inside.sum()).clamp(min=1)
        return error


def rarity(y: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the weight (L,) of the positives of each label of (N, L), √(negatives / positives) from 1 to 10."""
    positive = np.maximum(np.nansum(y, axis=0), 1)
    negative = np.isfinite(y).sum(axis=0) - positive
    return np.asarray(np.clip(np.sqrt(np.maximum(negative, 1) / positive), 1, _MOST), np.float32)


def known_error(told: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean Huber loss of (b, V) where it is known what was wanted; 0 where nothing is."""
    known = ~wanted.isnan()
    each = functional.smooth_l1_loss(told, wanted.nan_to_num(), reduction="none")
    return (each * known).sum() / known.sum().clamp(min=1)


def mean_of_known(each: Tensor) -> Tensor:
    """Return the mean of the numbers that are not NaN, 0 where all are."""
    known = ~each.isnan()
    return each[known].sum() / known.sum().clamp(min=1)


def mmd(z: Tensor, normal: Tensor) -> Tensor:
    """Return the squared maximum mean discrepancy of two samples (n, d), unbiased, with inverse multiquadratic kernels.

    Tolstikhin et al. 2018 (Wasserstein auto-encoders), arXiv:1711.01558.
    """
    n, d = z.shape

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        distance = torch.cdist(a, b).square()
        return torch.stack([2 * d * scale / (2 * d * scale + distance) for scale in _SCALES]).sum(dim=0)

    others = 1 - torch.eye(n, device=z.device)
    return ((kernel(z, z) + kernel(normal, normal)) * others).sum() / (n * (n - 1)) - 2 * kernel(z, normal).mean()


def alike(a: Tensor, b: Tensor) -> Tensor:
    """Return the cross-entropy of telling which of 2n views (n, d) belong together.

    Normalised, temperature-scaled (NT-Xent): Chen et al. 2020, arXiv:2002.05709.
    """
    n = len(a)
    both = functional.normalize(torch.cat([a, b]), dim=1)
    similar = both @ both.T / _TEMPERATURE
    similar = similar.masked_fill(torch.eye(2 * n, dtype=torch.bool, device=a.device), -torch.inf)
    other = torch.arange(2 * n, device=a.device).roll(n)
    return functional.cross_entropy(similar, other)
