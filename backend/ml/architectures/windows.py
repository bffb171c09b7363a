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
        windows, n = _windows(x, self.n_crop)
        if patient is not None and n > 1:
            patient = patient.unsqueeze(1).expand(-1, n, -1).flatten(0, 1)
        return _mean(self.network(windows, patient), n)


class WithRoutes(nn.Module):
    """What answers as `spec` says with a sparse network, and tells its routes (b, e): the share of each expert."""

    def __init__(self, network: Network, spec: ModelSpec) -> None:
        super().__init__()
        self.network = network
        self.n_crop = spec.n_samples if spec.window_s is None else round(spec.window_s * spec.preprocessing.rate)

    def forward(self, x: Tensor, patient: Tensor | None = None) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Map records (b, c, n) to logits (b, n_labels) and routes, both means over windows where there are some."""
        windows, n = _windows(x, self.n_crop)
        embedding, routes = self.network.embedded(windows)
        return _mean(self.network.head(embedding), n), _mean(routes, n)


def answering(network: Network, spec: ModelSpec) -> nn.Module:
    """Return what answers as `spec` says, and, of a sparse network, tells its routes beside."""
    return WithRoutes(network, spec) if network.routes else windowed(network, spec)


def windowed(network: Network, spec: ModelSpec) -> nn.Module:
    """Return what answers as `spec` says: the network itself, or its mean over windows of `spec.window_s` seconds."""
    if spec.window_s is None:
        return network
    n_crop = round(spec.window_s * spec.preprocessing.rate)
    return network if n_crop >= spec.n_samples else WindowMean(network, n_crop)


def _windows(x: Tensor, n_crop: int) -> tuple[Tensor, int]:
    """Return the windows (b·w, c, n_crop) of records (b, c, n), and how many a record has; a short one is its own."""
    starts = window_starts(x.shape[-1], n_crop)
    if len(starts) == 1:
        return x, 1
    return torch.stack([x[..., start : start + n_crop] for start in starts], dim=1).flatten(0, 1), len(starts)


def _mean(values: Tensor, n: int) -> Tensor:
    """Return the mean (b, k) of values (b·n, k) over the n windows of each record."""
    return values if n == 1 else values.reshape(-1, n, values.shape[-1]).mean(dim=1)
