"""What pre-training tells while it runs: frozen values, in the order in which they happen."""

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True)
class Aligning:
    """Beats are being aligned, once before the pre-training."""

    fraction: float


@dataclass(frozen=True)
class Begun:
    """Network and data fit each other; `passes` ECGs were seen before, in a pre-training that is resumed."""

    device: str
    parameters: int
    n_learn: int
    n_held_out: int
    passes: int


@dataclass(frozen=True)
class Step:
    """One batch was learned from. The losses are running means."""

    steps: int
    passes: int
    fraction: float
    losses: dict[str, float]


@dataclass(frozen=True)
class Measured:
    """A checkpoint was written. `held_out` are the losses on records that nothing is learned from.

    `used` is the share of these records that each expert sees; empty for a network without a router.
    """

    steps: int
    passes: int
    seconds: float
    learning_rate: float
    losses: dict[str, float]
    held_out: dict[str, float]
    used: tuple[float, ...]


@dataclass(frozen=True)
class Ended:
    """The end; the last checkpoint holds the network."""

    reason: Literal["done", "cancelled"]
    steps: int
    passes: int


Event: TypeAlias = Aligning | Begun | Step | Measured | Ended
