"""Logistic regression on the aligned beat: every sample of every lead has a weight, which can be drawn as an ECG.

After Plagwitz et al. 2024, arXiv:2407.15555: with the beats at fixed places, a sample means the same in every ECG, and
a linear model is enough. The alignment is part of the preprocessing (`backend.ecg.preprocess.alignment`), so that the
graph holds the linear layer alone; `backend.ml.training.head_fit` fits it.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from backend.ml.architectures.network import Network


def build(n_leads: int, n_samples: int, n_labels: int) -> "AlignedLinear":
    """Return the linear layer for aligned ECGs of (n_leads, n_samples)."""
    return AlignedLinear(n_leads, n_samples, n_labels)


class AlignedLinear(Network):
    """One linear layer over all samples of all leads."""

    one_unit = True  # a high wave tells more than a flat line: see `head_fit.Embedded`

    def __init__(self, n_leads: int, n_samples: int, n_labels: int) -> None:
        super().__init__()
        self.shape = (n_leads, n_samples)
        self.head = nn.Linear(n_leads * n_samples, n_labels)

    def features(self, x: Tensor, patient: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Map aligned ECGs (b, n_leads, n_samples) to themselves, one row each."""
        return x.flatten(1)


def explain(network: AlignedLinear, beat: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """Return (n_labels, n_leads, n_samples): what a unit of each sample adds to the logits.

    With an aligned `beat` (n_leads, n_samples), what its samples add: the sum over leads and samples, and the bias of
    the label, are the logit.
    """
    with torch.inference_mode():
        weights: NDArray[np.float32] = network.head.weight.detach().cpu().numpy().copy()
    maps = weights.reshape(-1, *network.shape)
    return maps if beat is None else maps * beat
