"""XResNet in one dimension: the residual network of He et al. 2019 ("Bag of tricks", arXiv:1812.01187).

The form for ECGs is that of Strodthoff et al. 2021 (arXiv:2004.13701): convolutions of length 5 and the same width at
every stage. Shapes: b records, c leads, t samples, w the width times the expansion. As in the other networks,
convolutions are two-dimensional ones over an image of height 1 in channels-last memory, which is quicker on a CPU.
"""

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor, nn

from backend.ml.architectures.network import Network

Norm: TypeAlias = Callable[[int], nn.Module]  # makes the normalisation of so many channels

KERNEL = 5
STAGES = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
EXPANSION = {18: 1, 50: 4, 101: 4}


def build(n_leads: int, n_samples: int, n_labels: int, *, depth: int, width: int, dropout: float) -> Network:  # noqa: ARG001
    """Return the XResNet1d of 18, 50 or 101 layers. It takes records of any length."""
    return XResNet1d(n_leads, n_labels, depth, width, dropout)


def convolution(
    n_in: int, n_out: int, kernel: int, *, stride: int = 1, rectify: bool = True, norm: Norm = nn.BatchNorm2d
) -> nn.Sequential:
    """Return a convolution over time with its normalisation, and the rectifier unless it is left out."""
    layers: list[nn.Module] = [
        nn.Conv2d(n_in, n_out, (1, kernel), stride=(1, stride), padding=(0, kernel // 2), bias=False),
        norm(n_out),
    ]
    nn.init.kaiming_normal_(layers[0].weight)  # type: ignore[arg-type]  # a parameter
    return nn.Sequential(*layers, nn.ReLU()) if rectify else nn.Sequential(*layers)


class Residual(nn.Module):
    """A residual block: two convolutions, or three with a bottleneck where the expansion is not 1."""

    def __init__(
        self, n_in: int, width: int, expansion: int, stride: int, *, kernel: int = KERNEL, norm: Norm = nn.BatchNorm2d
    ) -> None:
        super().__init__()
        n_out = width * expansion
        if expansion == 1:
            path = [
                convolution(n_in, width, kernel, stride=stride, norm=norm),
                convolution(width, n_out, kernel, rectify=False, norm=norm),
            ]
        else:
            path = [
                convolution(n_in, width, 1, norm=norm),
                convolution(width, width, kernel, stride=stride, norm=norm),
                convolution(width, n_out, 1, rectify=False, norm=norm),
            ]
        nn.init.zeros_(path[-1][1].weight)  # type: ignore[arg-type]  # a block begins as its shortcut
        self.path = nn.Sequential(*path)
        shortcut: list[nn.Module] = [] if stride == 1 else [nn.AvgPool2d((1, stride), ceil_mode=True)]
        if n_in != n_out:
            shortcut.append(convolution(n_in, n_out, 1, rectify=False, norm=norm))
        self.shortcut = nn.Sequential(*shortcut)

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, n_in, 1, t) to (b, n_out, 1, t / stride)."""
        return torch.relu(self.path(x) + self.shortcut(x))


class XResNet1d(Network):
    """A stem of three convolutions, four stages of residual blocks, mean and maximum over time, a linear layer."""

    def __init__(self, n_leads: int, n_labels: int, depth: int, width: int, dropout: float) -> None:
        super().__init__()
        stem, expansion = (n_leads, width // 2, width // 2, width), EXPANSION[depth]
        self.stem = nn.Sequential(
            *(convolution(stem[i], stem[i + 1], KERNEL, stride=2 if i == 0 else 1) for i in range(3)),
            nn.MaxPool2d((1, 3), stride=(1, 2), padding=(0, 1)),
        )
        blocks: list[nn.Module] = []
        n_in = width
        for stage, n_blocks in enumerate(STAGES[depth]):
            for i in range(n_blocks):
                blocks.append(Residual(n_in, width, expansion, stride=2 if stage > 0 and i == 0 else 1))
                n_in = width * expansion
        self.blocks = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * n_in, n_labels)

    def features(self, x: Tensor, patient: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Map records (b, c, t) to embeddings (b, 2w): the mean over time, then the maximum."""
        x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last)  # (b, c, t) -> (b, c, 1, t)
        x = self.blocks(self.stem(x))  # (b, w, 1, t / 32)
        pooled: Tensor = self.dropout(torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1))
        return pooled
