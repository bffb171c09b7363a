"""Size and cost of each architecture, counted on the network itself."""

import math
from dataclasses import dataclass
from statistics import mean

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from backend.ecg.preprocess import preset
from backend.ml.architectures import architecture
from backend.ml.architectures.network import Network


@dataclass(frozen=True, kw_only=True)
class Cost:
    """An architecture as it is built by default, for `n_labels` labels and records as its preprocessing gives them.

    `flops` are those of one answer for one record: two for each multiplication with its addition (2·MAC), in
    convolutions, matrix products and attention, and 5·n·log2(n) for a Fourier transform of n samples (half for a real
    one). Normalisation, pooling and the like are not counted.
    """

    name: str
    title: str
    parameters: int
    flops: int
    published_parameters: int | None
    reference: str
    takes_patient: bool
    n_samples: int
    n_labels: int


def cost_of(name: str, n_labels: int = 5, *, n_leads: int = 12) -> Cost:
    """Build the architecture of that name with its defaults and count it; raises SettingError for an unknown one.

    The records are of 10 s, with the preset `clinical` and what the architecture demands: 1,000 samples for most.
    """
    entry = architecture(name)
    n_samples = preset("clinical", **entry.demands).n_samples
    network = entry.build(n_leads, n_samples, n_labels, {}, seed=0)
    return Cost(
        name=name,
        title=entry.title,
        parameters=count_parameters(network),
        flops=count_flops(network, n_leads, n_samples),
        published_parameters=entry.published_parameters,
        reference=entry.reference,
        takes_patient=entry.takes_patient,
        n_samples=n_samples,
        n_labels=n_labels,
    )


def count_parameters(network: nn.Module) -> int:
    """Return how many numbers a network has, frozen ones too."""
    return sum(parameter.numel() for parameter in network.parameters())


def count_flops(network: Network, n_leads: int, n_samples: int) -> int:
    """Return the FLOPs of one record (see Cost), of a sparse network the mean over its routes."""
    return round(mean(route_flops(network, n_leads, n_samples)))


def route_flops(network: Network, n_leads: int, n_samples: int) -> list[int]:
    """Return the FLOPs of one record on each route of a network; of most networks there is one."""
    counts = []
    for route in network.routes or (None,):
        network.route = route
        counts.append(_count(network, n_leads, n_samples))
    network.route = None
    return counts


def _count(network: Network, n_leads: int, n_samples: int) -> int:
    counter = FlopCounterMode(display=False, custom_mapping=_FOURIER)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counter:  # attention as the matrix products it is
        network.eval()(torch.zeros(1, n_leads, n_samples))
    return int(counter.get_total_flops())


def _fourier(shape: list[int], dims: list[int], *_: object, out_shape: list[int], real: bool) -> int:
    """Return 5·n·log2(n) for each transform of n samples, half where one side is real."""
    longest = [max(shape[dim], out_shape[dim]) for dim in dims]  # the real side of a half spectrum is the longer one
    n = math.prod(longest)
    others = math.prod(out_shape) // math.prod(out_shape[dim] for dim in dims)
    return round(5 * n * math.log2(max(n, 2)) * others * (0.5 if real else 1))


def _real(shape: list[int], dims: list[int], *rest: object, out_shape: list[int], **_: object) -> int:
    return _fourier(shape, dims, *rest, out_shape=out_shape, real=True)


def _complex(shape: list[int], dims: list[int], *rest: object, out_shape: list[int], **_: object) -> int:
    return _fourier(shape, dims, *rest, out_shape=out_shape, real=False)


_FOURIER = {torch.ops.aten._fft_r2c: _real, torch.ops.aten._fft_c2r: _real, torch.ops.aten._fft_c2c: _complex}
