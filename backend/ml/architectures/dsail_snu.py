"""The wide residual network of the team DSAIL SNU in the 2021 challenge (Han et al. 2021, Computing in Cardiology 48).

Twelve pre-activation residual blocks in four groups, each with squeeze-and-excitation, and the maximum over time. The
facts of the patient join the embedding. Shapes: b records, c leads, t samples, f the filters of the first group.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  # the usual name

from backend.ml.architectures.network import Network

KERNEL = 15
STRIDES = (1, 4, 4, 4)  # of the groups; each has twice the filters of the one before
REDUCTION = 16  # channels that share one number of the squeeze
N_PATIENT = 4  # numbers that describe the patient: see `backend.ml.patient`


def build(n_leads: int, n_samples: int, n_labels: int, *, filters: int, blocks: int, dropout: float) -> Network:  # noqa: ARG001
    """Return the network; about 1,812,000 parameters at the defaults. It takes records of any length."""
    return DsailSnu(n_leads, n_labels, filters, blocks, dropout)


class SqueezeExcitation(nn.Module):
    """Weights each channel by what the record holds as a whole (Hu et al. 2018, arXiv:1709.01507)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        narrow = max(width // REDUCTION, 1)
        self.squeeze = nn.Conv2d(width, narrow, 1, bias=False)
        self.excite = nn.Conv2d(narrow, width, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, f, 1, t) to (b, f, 1, t)."""
        narrow = torch.relu(self.squeeze(x.mean(dim=(2, 3), keepdim=True)))  # (b, f / 16, 1, 1)
        weighted: Tensor = x * torch.sigmoid(self.excite(narrow))
        return weighted


class Residual(nn.Module):
    """Normalise, rectify, convolve, twice; the shortcut takes the maximum over the stride and adds empty channels."""

    def __init__(self, n_in: int, n_out: int, stride: int, dropout: float, *, first: bool) -> None:
        super().__init__()
        self.first, self.stride = first, stride
        self.norm1 = nn.BatchNorm2d(n_in)
        padding = (0, KERNEL // 2) if stride == 1 else 0
        self.convolution1 = nn.Conv2d(n_in, n_out, (1, KERNEL), stride=(1, stride), padding=padding, bias=False)
        self.norm2 = nn.BatchNorm2d(n_out)
        self.dropout = nn.Dropout(dropout)
        self.convolution2 = nn.Conv2d(n_out, n_out, (1, KERNEL), padding=(0, KERNEL // 2), bias=False)
        self.excitation = SqueezeExcitation(n_out)
        self.added = n_out - n_in

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, n_in, 1, t) to (b, n_out, 1, t / stride), rounded up."""
        active = torch.relu(self.norm1(x))
        if self.first:  # the stem is not yet normalised: the shortcut begins after it is
            x = active
        if self.stride > 1:  # the windows lie about the stride, and the last is filled up
            left = (KERNEL - self.stride) // 2
            right = KERNEL - self.stride - left + -x.shape[-1] % self.stride
            active = F.pad(active, (left, right))
            x = F.max_pool2d(x, (1, self.stride), ceil_mode=True)
        out = self.dropout(torch.relu(self.norm2(self.convolution1(active))))
        out = self.excitation(self.convolution2(out))
        summed: Tensor = out + (F.pad(x, (0, 0, 0, 0, 0, self.added)) if self.added else x)
        return summed


class DsailSnu(Network):
    """A convolution, four groups of residual blocks, the maximum over time, a linear layer."""

    takes_patient = True

    def __init__(self, n_leads: int, n_labels: int, filters: int, blocks: int, dropout: float) -> None:
        super().__init__()
        self.stem = nn.Conv2d(n_leads, filters, (1, KERNEL), padding=(0, KERNEL // 2), bias=False)
        groups: list[nn.Module] = []
        n_in = filters
        for group, stride in enumerate(STRIDES):
            n_out = filters * 2**group
            for i in range(blocks):
                first = group == 0 and i == 0
                groups.append(Residual(n_in, n_out, stride if i == 0 else 1, dropout, first=first))
                n_in = n_out
        self.blocks = nn.Sequential(*groups)
        self.norm = nn.BatchNorm2d(n_in)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(n_in + N_PATIENT, n_labels)

    def features(self, x: Tensor, patient: Tensor | None = None) -> Tensor:
        """Map records (b, c, t), and facts of the patients (b, 4), to embeddings (b, 8f + 4).

        Without facts they are zeros, which is what an unknown age and sex are.
        """
        x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last)  # (b, c, t) -> (b, c, 1, t)
        x = torch.relu(self.norm(self.blocks(self.stem(x))))  # (b, 8f, 1, t / 64)
        embedding = self.dropout(x).amax(dim=(2, 3))
        if patient is None:
            patient = embedding.new_zeros(embedding.shape[0], N_PATIENT)  # len() would fix the batch of an export
        return torch.cat([embedding, patient.to(embedding)], dim=1)
