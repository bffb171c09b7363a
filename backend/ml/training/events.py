"""What training tells while it runs: frozen values, in the order in which they happen."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Started:
    """The network is built and the data fit it."""

    device: str  # "cpu" or the name of the GPU
    parameters: int
    n_train: int
    n_validation: int


@dataclass(frozen=True)
class BatchSizeChosen:
    """Records that a training step sees at once."""

    batch_size: int
    automatic: bool


@dataclass(frozen=True)
class LrFound:
    """The learning rate, and the curve it was read from (empty where the rate was given)."""

    learning_rate: float
    curve: tuple[tuple[float, float], ...]  # (learning rate, smoothed loss)


@dataclass(frozen=True)
class EpochDone:
    """One pass over the training records, and how good the network is on the validation records after it."""

    epoch: int  # from 1
    train_loss: float
    val_loss: float  # that of training where no record validates
    macro_auroc: float | None  # None where the validation records do not define it
    macro_f1: float | None
    learning_rate: float  # of the last step; 0 where only the head was fitted
    seconds: float
    best: bool  # the best epoch so far: its weights are kept
    macro_r2: float | None = None  # of a regression, which has no AUROC and F1


@dataclass(frozen=True)
class Resumed:
    """A checkpoint was found; training goes on after these epochs."""

    epochs: tuple[EpochDone, ...]


@dataclass(frozen=True)
class Kept:
    """What a training without validation records keeps: its last epoch, and how strongly its head is penalised first.

    `strength` counts from 1 and is for "head_then_all" alone; where only the head is fitted, epochs are strengths.
    """

    epoch: int
    strength: int = 0


@dataclass(frozen=True)
class BatchProgress:
    """A step was made; comes after each one, so that a listener knows that training is alive."""

    phase: Literal["learning_rate", "embed", "train", "validate"]
    epoch: int  # from 1; 0 while the learning rate is sought or the body answers
    fraction: float  # of this phase


@dataclass(frozen=True)
class Stopped:
    """The end. The checkpoint holds the best epoch, or nothing usable where `best_epoch` is 0."""

    reason: Literal["all_epochs", "no_improvement", "cancelled", "diverged"]
    epochs: int
    best_epoch: int


@dataclass(frozen=True)
class FoldStarted:
    """The training of a fold begins; repeat and fold count from 0."""

    repeat: int
    fold: int


@dataclass(frozen=True, eq=False)
class FoldDone:
    """A fold was tested. `logits` (n, L) are those of `rows`, with the prior of all records (`evaluation.out_of_fold`).

    `strength` is that of the head with which "head_then_all" begins; else 0.
    """

    repeat: int
    fold: int
    rows: NDArray[np.intp]
    logits: NDArray[np.float32]
    best_epoch: int
    epochs: int
    strength: int
    seconds: float
    n_train: int
    n_validation: int


Event: TypeAlias = (
    Started | BatchSizeChosen | LrFound | Resumed | BatchProgress | EpochDone | FoldStarted | FoldDone | Stopped
)
