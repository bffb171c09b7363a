"""What the processes of a training on several devices are told.

In a module of its own: the one that a process is started with has another name there, and so would its classes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.ml.spec import ModelSpec
from backend.ml.training.choices import Precision
from backend.ml.training.config import TrainingConfig
from backend.ml.training.learner import Batch
from backend.ml.training.start import Base


@dataclass(frozen=True, eq=False)
class Assignment:
    """What a helping process is told first."""

    spec: ModelSpec
    config: TrainingConfig
    base: Base | None
    y: NDArray[np.float32]  # of the training records, for the weights of the labels
    device: str
    devices: int
    memory: int | None  # descriptor of the file of `SharedMemory`; None: weights and gradients are sent


@dataclass(frozen=True, eq=False)
class Share:
    """What it is told for a step."""

    batch: Batch
    share: float  # of the batch
    seed: int  # for dropout
    precision: Precision  # that of the whole batch
    threads: int


@dataclass(frozen=True, eq=False)
class Question:
    """Records that it is to answer, and the weights with which, empty where they are those of the last question."""

    weights: dict[str, NDArray[Any]]
    x: NDArray[np.float32]
    patient: NDArray[np.float32] | None
