"""InceptionTime (Ismail Fawaz et al. 2020, doi:10.1007/s10618-020-00710-y, arXiv:1909.04939).

Shapes: b records, c leads, t samples, f filters. Convolutions run in time only, yet are written as two-dimensional
ones over an image of height 1 in channels-last memory: on a CPU that is about twice as fast as one-dimensional ones.
"""

import torch
from torch import Tensor, nn

from backend.ml.architectures.network import Network
from backend.ml.architectures.xresnet1d import Norm


def build(n_leads: int, n_samples: int, n_labels: int, *, filters: int, depth: int, kernel: int) -> nn.Module:  # noqa: ARG001
    """Return InceptionTime; about 457,000 parameters at the defaults. It takes records of any length."""
    return InceptionTime(n_leads, n_labels, filters, depth, kernel)


def odd(size: int) -> int:
    """Return the kernel size, less one where it is even, so that "same" padding is symmetric."""
    return size - 1 + size % 2


class Inception(nn.Module):
    """One module: a bottleneck, three convolutions of different length beside a pooled branch."""

    def __init__(self, n_in: int, filters: int, kernel: int, norm: Norm = nn.BatchNorm2d) -> None:
        super().__init__()
        self.bottleneck = nn.Conv2d(n_in, filters, 1, bias=False)
        sizes = [odd(kernel + 1 >> step) for step in range(3)]  # 39 19 9, the paper's 40 20 10 made odd
        self.convolutions = nn.ModuleList(
            nn.Conv2d(filters, filters, (1, size), padding=(0, size // 2), bias=False) for size in sizes
        )
        self.pool = nn.MaxPool2d((1, 3), stride=1, padding=(0, 1))
        self.pooled = nn.Conv2d(n_in, filters, 1, bias=False)
        self.norm = norm(4 * filters)

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, n_in, 1, t) to (b, 4f, 1, t)."""
        narrow = self.bottleneck(x)  # (b, f, 1, t)
        branches = [convolution(narrow) for convolution in self.convolutions]
        branches.append(self.pooled(self.pool(x)))
        return torch.relu(self.norm(torch.cat(branches, dim=1)))  # (b, 4f, 1, t)


class Shortcut(nn.Module):
    """The residual connection: brings the input to the width of the output, adds, rectifies."""

    def __init__(self, n_in: int, n_out: int, norm: Norm = nn.BatchNorm2d) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(n_in, n_out, 1, bias=False) if n_in != n_out else nn.Identity()
        self.norm = norm(n_out)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Map (b, n_in, 1, t) and (b, n_out, 1, t) to (b, n_out, 1, t)."""
        return torch.relu(y + self.norm(self.convolution(x)))


class InceptionTime(Network):
    """Inception modules with a shortcut over every three, the mean over time, and a linear layer."""

    def __init__(self, n_leads: int, n_labels: int, filters: int, depth: int, kernel: int) -> None:
        super().__init__()
        width = 4 * filters
        self.inceptions = nn.ModuleList(Inception(n_leads if i == 0 else width, filters, kernel) for i in range(depth))
        self.shortcuts = nn.ModuleList(Shortcut(n_leads if i == 0 else width, width) for i in range(depth // 3))
        self.head = nn.Linear(width, n_labels)

    def features(self, x: Tensor, patient: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Map records (b, c, t) to embeddings (b, 4f)."""
        x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last)  # (b, c, t) -> (b, c, 1, t)
        skipped = x
        for i, inception in enumerate(self.inceptions):
            x = inception(x)  # (b, 4f, 1, t)
            if i % 3 == 2:
                x = skipped = self.shortcuts[i // 3](skipped, x)
        return x.mean(dim=(2, 3))
