"""Answers for whole records by a network that was trained on shorter windows of them: the mean over windows."""

import torch
from torch import Tensor, nn

from backend.ml.architectures.network import Network
from backend.ml.spec import ModelSpec


def window_starts(n_samples: int, n_crop: int) -> list[int]:
    """Return the first samples of half overlapping windows of `n_crop` samples, the last of which ends with the record.

    A record that is not longer than a window has one, which is all of it.
    """
    if n_crop < 1:
        raise ValueError(f"A window should have at least one sample, not {n_crop}.")
    last = n_samples - n_crop
    if last <= 0:
        return [0]
    return [*range(0, last, max(1, n_crop // 2)), last]


class WindowMean(nn.Module):
    """The mean of a network's logits over the windows of a record (test-time augmentation).

    It takes records (b, 12, n) of any n, and (b, 4) facts of the patients where the network does.
    """

    def __init__(self, network: Network, n_crop: int) -> None:
        super().__init__()
        self.network = network
        self.n_crop = n_crop

    def forward(self, x: Tensor, patient: Tensor | None = None) -> Tensor:
        """Map records (b, c, n) to logits (b, n_labels)."""
        starts = window_starts(x.shape[-1], self.n_crop)
        if len(starts) == 1:
            whole: Tensor = self.network(x, patient)
            return whole
        windows = torch.stack([x[..., start : start + self.n_crop] for start in starts], dim=1)  # (b, w, c, n_crop)
        if patient is not None:
            patient = patient.unsqueeze(1).expand(-1, len(starts), -1).flatten(0, 1)
        logits: Tensor = self.network(windows.flatten(0, 1), patient)  # (b·w, n_labels)
        return logits.reshape(-1, len(starts), logits.shape[-1]).mean(dim=1)


def windowed(network: Network, spec: ModelSpec) -> nn.Module:
    """Return what answers as `spec` says: the network itself, or its mean over windows of `spec.window_s` seconds."""
    if spec.window_s is None:
        return network
    n_crop = round(spec.window_s * spec.preprocessing.rate)
    return network if n_crop >= spec.n_samples else WindowMean(network, n_crop)
