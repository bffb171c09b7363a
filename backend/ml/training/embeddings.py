"""What the body of a network makes of records: computed once where only the head is to be trained."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from backend.ml.architectures.network import Network
from backend.ml.architectures.windows import window_starts
from backend.ml.training.events import BatchProgress
from backend.ml.training.hardware import evaluation_batch


@dataclass(frozen=True, eq=False)
class Embedding:
    """What a body makes of all records of a training, for as many fits of its head as one likes.

    `values` (N, d) are the embeddings, `head` is the head before any fit.
    """

    network: Network
    head: dict[str, Tensor]
    values: NDArray[np.float32]


def embed_all(
    network: Network, x: NDArray[np.float32], patient: NDArray[np.float32] | None, window: int | None
) -> Generator[BatchProgress, None, Embedding]:
    """Return the embeddings of all records, yielding after each batch; `window` is that of `embed`."""
    batches: list[NDArray[np.float32]] = []
    seen = 0
    for batch in embed(network, x, np.arange(len(x)), patient, window=window):
        batches.append(batch)
        seen += len(batch)
        yield BatchProgress("embed", 0, seen / len(x))
    head = {name: value.clone() for name, value in network.head.state_dict().items()}
    return Embedding(network, head, np.concatenate(batches))


def embed(
    network: Network,
    x: NDArray[np.float32],
    rows: NDArray[np.integer],
    patient: NDArray[np.float32] | None = None,
    *,
    window: int | None = None,
    batch: int | None = None,
) -> Iterator[NDArray[np.float32]]:
    """Yield the embeddings (b, network.head.in_features) of the records `rows` of x (N, leads, t), batch after batch.

    `patient` (N, 4) is for networks that take it. With `window` (samples) it is the mean over the windows with which
    the model answers: the head is linear, so the mean of the logits is the logits of the mean.
    The network computes in evaluation mode on its own device, in float32, and is left in the mode it was in.
    """
    device = network.head.weight.device
    batch = batch or evaluation_batch(x.shape[2], device)
    for at in range(0, len(rows), batch):
        part = rows[at : at + batch]
        signals = torch.from_numpy(np.ascontiguousarray(x[part], dtype=np.float32)).to(device)
        facts = None if patient is None else torch.from_numpy(np.asarray(patient[part], np.float32)).to(device)
        training = network.training
        network.eval()
        try:
            with torch.inference_mode():
                embedding = _mean_over_windows(network, signals, facts, window).float().cpu().numpy()
        finally:
            network.train(training)
        yield embedding  # outside, so that the listener is not in inference mode


def _mean_over_windows(network: Network, x: Tensor, patient: Tensor | None, window: int | None) -> Tensor:
    if window is None or window >= x.shape[-1]:
        return network.features(x, patient)
    starts = window_starts(x.shape[-1], window)
    total = network.features(x[..., starts[0] : starts[0] + window], patient)
    for start in starts[1:]:
        total = total + network.features(x[..., start : start + window], patient)
    return total / len(starts)
