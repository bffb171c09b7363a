"""XceptionTime (Rahimian et al. 2019, arXiv:1911.03803).

Shapes: b records, c leads, t samples, f filters. Convolutions run in time only and are written as two-dimensional ones
over an image of height 1 in channels-last memory, in which depthwise convolutions are several times quicker on a CPU.
"""

import torch
from torch import Tensor, nn

from backend.ml.architectures.depthwise import depthwise
from backend.ml.architectures.network import Network
from backend.ml.architectures.pooling import adaptive_mean

KERNELS = (39, 19, 9)
POOLED = 50  # steps of time that the head sees, whatever the length of the record


def build(n_leads: int, n_samples: int, n_labels: int, *, filters: int) -> Network:  # noqa: ARG001
    """Return XceptionTime; about 401,000 parameters at the defaults. It takes records of any length."""
    return XceptionTime(n_leads, n_labels, filters)


class Separable(nn.Module):
    """A convolution of each channel by itself, then one that mixes the channels at each moment."""

    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, (1, kernel), padding=(0, kernel // 2), groups=width, bias=False)
        self.pointwise = nn.Conv2d(width, width, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, f, 1, t) to (b, f, 1, t)."""
        quick = x.device.type == "cpu" and not torch.compiler.is_exporting()
        alone = depthwise(x, self.depthwise.weight) if quick else self.depthwise(x)
        mixed: Tensor = self.pointwise(alone)
        return mixed


class Xception(nn.Module):
    """One module: a bottleneck, three separable convolutions of different length beside a pooled branch."""

    def __init__(self, n_in: int, filters: int, kernels: tuple[int, ...] = KERNELS) -> None:
        super().__init__()
        self.bottleneck = nn.Conv2d(n_in, filters, 1, bias=False)
        self.convolutions = nn.ModuleList(Separable(filters, kernel) for kernel in kernels)
        self.pool = nn.MaxPool2d((1, 3), stride=1, padding=(0, 1))
        self.pooled = nn.Conv2d(n_in, filters, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, n_in, 1, t) to (b, 4f, 1, t)."""
        narrow = self.bottleneck(x)  # (b, f, 1, t)
        branches = [convolution(narrow) for convolution in self.convolutions]
        branches.append(self.pooled(self.pool(x)))
        return torch.cat(branches, dim=1)


class Block(nn.Module):
    """Two modules and a residual connection over both."""

    def __init__(self, n_in: int, filters: int) -> None:
        super().__init__()
        self.xceptions = nn.Sequential(Xception(n_in, filters), Xception(4 * filters, 2 * filters))
        self.shortcut = nn.Sequential(nn.Conv2d(n_in, 8 * filters, 1, bias=False), nn.BatchNorm2d(8 * filters))

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, n_in, 1, t) to (b, 8f, 1, t)."""
        return torch.relu(self.xceptions(x) + self.shortcut(x))


def mixing(n_in: int, n_out: int) -> nn.Sequential:
    """Return a convolution of length 1, normalised and rectified."""
    return nn.Sequential(nn.Conv2d(n_in, n_out, 1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU())


class XceptionTime(Network):
    """Two blocks of doubling width, 50 means over time, two narrowing convolutions of length 1, a linear layer.

    The published head normalises and rectifies the logits, so that none can be negative; ours leaves them as they are.
    """

    def __init__(self, n_leads: int, n_labels: int, filters: int) -> None:
        super().__init__()
        width = 32 * filters
        self.blocks = nn.Sequential(Block(n_leads, filters), Block(8 * filters, 4 * filters))
        self.narrowing = nn.Sequential(mixing(width, width // 2), mixing(width // 2, width // 4))
        self.head = nn.Linear(width // 4, n_labels)

    def features(self, x: Tensor, patient: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Map records (b, c, t) to embeddings (b, 8f)."""
        x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last)  # (b, c, t) -> (b, c, 1, t)
        pooled = adaptive_mean(self.blocks(x), POOLED)  # (b, 32f, 1, 50)
        narrow: Tensor = self.narrowing(pooled)
        return narrow.mean(dim=(2, 3))  # a mean of logits is the logit of the mean: the head is linear
