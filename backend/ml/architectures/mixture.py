"""The parts of a sparse mixture of architectures: four experts and the router that chooses among them.

Sparse mixtures: Shazeer et al. 2017, arXiv:1701.06538; noise for choosing: Jang et al. 2017, arXiv:1611.01144.
The experts are built of the modules of the architectures themselves. All normalise by groups of channels (Wu & He
2018, arXiv:1803.08494), never over the batch: the few records that reach an expert say nothing of each other.

Shapes: b records, w the width, e the 8w numbers of the embedding. The stem gives maps (b, w, 1, t / 8).
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from backend.ml.architectures.inception_time import Inception, Shortcut
from backend.ml.architectures.register import EXPERTS
from backend.ml.architectures.transformer import Block as AttentionBlock
from backend.ml.architectures.transformer import positions
from backend.ml.architectures.xception_time import Xception
from backend.ml.architectures.xresnet1d import Residual

CHOSEN = 2  # experts that see an ECG
GROUPS = 8
_HEADS = 5
_FOLLOWED = 0.02  # share of a batch in the usual mean and deviation of what the router sees


class Routing(NamedTuple):
    """What the router decided of b records.

    `logits` (b, 4) are its own, `chosen` (b, 4) says which two experts see a record, and `weights` (b, 4), 0 for the
    others, with which share.
    """

    logits: Tensor
    chosen: Tensor
    weights: Tensor


def norm(channels: int) -> nn.Module:
    """Return the normalisation of all parts."""
    return nn.GroupNorm(math.gcd(GROUPS, channels), channels)


class Standard(nn.Module):
    """Numbers in deviations from their usual mean, which is followed in training.

    What is normalised within an ECG differs little from one ECG to the next: without this a router sees no difference.
    Unlike in batch normalisation the other records of a batch do not count, and a batch may hold one.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("variance", torch.ones(size))
        self.mean: Tensor
        self.variance: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, size) to (b, size)."""
        if self.training:
            with torch.no_grad():
                self.mean.lerp_(x.mean(dim=0).to(self.mean), _FOLLOWED)
                self.variance.lerp_((x - self.mean).square().mean(dim=0).to(self.mean), _FOLLOWED)
        return (x - self.mean) / (self.variance + 1e-4).sqrt()


class Router(nn.Module):
    """A convolution; mean, maximum and deviation over time of what it finds; two layers that make a logit an expert."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convolution = nn.Sequential(
            nn.Conv2d(width, width // 2, (1, 7), stride=(1, 2), padding=(0, 3), bias=False), norm(width // 2), nn.ReLU()
        )
        self.layers = nn.Sequential(
            Standard(width // 2 * 3), nn.Linear(width // 2 * 3, width), nn.GELU(), nn.Linear(width, len(EXPERTS))
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, w, 1, t) to logits (b, 4)."""
        y = self.convolution(x).flatten(2)
        mean = y.mean(dim=2)
        deviation = ((y - mean.unsqueeze(2)).square().mean(dim=2) + 1e-6).sqrt()
        logits: Tensor = self.layers(torch.cat([mean, y.amax(dim=2), deviation], dim=1))
        return logits


def choose(logits: Tensor, always: int | None, noise: float = 0.0) -> Routing:
    """Choose two experts for every record: the two of the highest logit, or `always` and the best of the others.

    With `noise`, so much of a Gumbel variable is added to every logit before. The shares are the softmax of the two
    logits, through which the router learns.
    """
    noisy = logits
    if noise:
        uniform = torch.rand_like(logits).clamp(1e-6, 1 - 1e-6)
        noisy = logits - noise * torch.log(-torch.log(uniform))
    preferred = noisy
    if always is not None:
        preferred = noisy + torch.nn.functional.one_hot(torch.tensor(always), len(EXPERTS)).to(noisy) * 1e4
    best = preferred.topk(CHOSEN, dim=1).indices
    shares = noisy.gather(1, best).softmax(dim=1)
    weights = torch.zeros_like(logits).scatter(1, best, shares)
    chosen = torch.zeros_like(logits).scatter(1, best, 1.0) > 0
    return Routing(logits, chosen, weights)


def fixed(logits: Tensor, route: tuple[int, ...]) -> Routing:
    """Let all records take the same experts, each in the same share, whatever the router says."""
    chosen = torch.zeros_like(logits, dtype=torch.bool)
    chosen[:, list(route)] = True
    return Routing(logits, chosen, chosen.to(logits.dtype) / len(route))


class Halving(nn.Module):
    """The mean of every two steps."""

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, c, 1, t) to (b, c, 1, t / 2), rounded up."""
        return torch.nn.functional.avg_pool2d(x, (1, 2), ceil_mode=True)


class Separables(nn.Module):
    """Two Xception modules, normalised, and a residual connection over both."""

    def __init__(self, n_in: int, filters: int, kernels: tuple[int, ...]) -> None:
        super().__init__()
        self.xceptions = nn.Sequential(
            Xception(n_in, filters, kernels), norm(4 * filters), nn.ReLU(),
            Xception(4 * filters, 2 * filters, kernels), norm(8 * filters),
        )  # fmt: skip
        self.shortcut = Shortcut(n_in, 8 * filters, norm)

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, n_in, 1, t) to (b, 8f, 1, t)."""
        y: Tensor = self.shortcut(x, self.xceptions(x))
        return y


class Inceptions(nn.Module):
    """Two Inception modules and a residual connection over both."""

    def __init__(self, n_in: int, filters: int, kernel: int) -> None:
        super().__init__()
        self.inceptions = nn.Sequential(
            Inception(n_in, filters, kernel, norm), Inception(4 * filters, filters, kernel, norm)
        )
        self.shortcut = Shortcut(n_in, 4 * filters, norm)

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, n_in, 1, t) to (b, 4f, 1, t)."""
        y: Tensor = self.shortcut(x, self.inceptions(x))
        return y


class Attentions(nn.Module):
    """Tokens of 8 steps, half of which neighbours share, and blocks of attention among them."""

    def __init__(self, n_in: int, width: int, depth: int) -> None:
        super().__init__()
        self.patches = nn.Conv2d(n_in, width, (1, 8), stride=(1, 4), padding=(0, 4))
        self.blocks = nn.ModuleList(AttentionBlock(width, _HEADS, 0.0) for _ in range(depth))
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, n_in, 1, t) to (b, width, 1, t / 4)."""
        tokens = self.patches(x).squeeze(2).transpose(1, 2)  # (b, p, d)
        tokens = tokens + positions(tokens.shape[1], tokens.shape[2]).to(tokens)
        for block in self.blocks:
            tokens = block(tokens)
        y: Tensor = self.norm(tokens).transpose(1, 2).unsqueeze(2)
        return y


class Expert(nn.Module):
    """A body that makes a map, its mean and maximum over time, and a residual layer that turns over what they say.

    Most of the parameters are in that layer, which is asked once an ECG and not at every step.
    """

    def __init__(self, body: nn.Module, embedding: int, hidden: int) -> None:
        super().__init__()
        self.body = body
        self.before = nn.LayerNorm(embedding)
        self.layer = nn.Sequential(nn.Linear(embedding, hidden), nn.GELU(), nn.Linear(hidden, embedding))
        self.after = nn.LayerNorm(embedding)

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, w, 1, t) to (b, e)."""
        y = self.body(x).flatten(2)  # (b, e / 2, t)
        pooled = self.before(torch.cat([y.mean(dim=2), y.amax(dim=2)], dim=1))
        embedding: Tensor = self.after(pooled + self.layer(pooled))
        return embedding


def experts(width: int) -> nn.ModuleList:
    """Return the four experts in the order of `EXPERTS`."""
    w = width
    rectified = nn.Sequential(norm(4 * w), nn.ReLU())
    bodies = (
        nn.Sequential(
            Halving(), Separables(w, w // 4, (31, 19, 9)), Halving(), Separables(2 * w, w // 2, (19, 9, 5)), Halving(),
            Separables(4 * w, w, (9, 5, 3)), nn.Conv2d(8 * w, 4 * w, 1, bias=False), rectified,
        ),
        nn.Sequential(
            Halving(), Inceptions(w, w // 4, 19), Halving(), Inceptions(w, 3 * w // 4, 11), Halving(),
            Inceptions(3 * w, 3 * w // 2, 11), nn.Conv2d(6 * w, 4 * w, 1, bias=False), norm(4 * w), nn.ReLU(),
        ),
        nn.Sequential(*(Residual(n * w, (n + 1) * w, 1, 2, kernel=3, norm=norm) for n in (1, 2, 3))),
        nn.Sequential(Attentions(w, 5 * w // 2, 2), nn.Conv2d(5 * w // 2, 4 * w, 1)),
    )  # fmt: skip
    return nn.ModuleList(Expert(body, 8 * w, 44 * w) for body in bodies)
