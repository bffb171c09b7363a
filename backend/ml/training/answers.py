"""What a trained network answers, in torch, for some records of a training."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from backend.ml.architectures.network import Network
from backend.ml.architectures.windows import windowed
from backend.ml.data.training_data import TrainingData
from backend.ml.spec import ModelSpec

PORTION = 64  # records in memory at once


def logits_of(network: Network, data: TrainingData, spec: ModelSpec, rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the logits (n, L) of a network on the CPU for the records `rows`, as the exported model gives them."""
    whole = windowed(network, spec).eval()
    parts = []
    with torch.inference_mode():
        for part in portions(rows):
            patient = patient_of(data, spec, part)
            inputs = [torch.from_numpy(array) for array in (data.x[part], patient) if array is not None]
            parts.append(whole(*inputs).numpy())
    return np.concatenate(parts)


def in_units(network: Network, means: Sequence[float], sds: Sequence[float]) -> None:
    """Make a network that answers in standard deviations of its L targets answer in their units, in its head."""
    mean, sd = (torch.tensor(values, dtype=network.head.weight.dtype) for values in (means, sds))
    mean, sd = mean.to(network.head.weight.device), sd.to(network.head.weight.device)
    with torch.no_grad():
        network.head.weight.mul_(sd[:, None])
        network.head.bias.mul_(sd).add_(mean)


def patient_of(data: TrainingData, spec: ModelSpec, rows: NDArray[np.intp]) -> NDArray[np.float32] | None:
    """Return age and sex (n, 4) of the records `rows` for a network that takes them."""
    return data.patient[rows] if spec.takes_patient and data.patient is not None else None


def portions(rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Return the rows in portions of at most PORTION; a single empty one of none."""
    return np.array_split(rows, max(1, -(-len(rows) // PORTION)))
