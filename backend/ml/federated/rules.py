"""What the sites of a round agree on: how long a contribution may be, whose counts how much, which noise."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal, get_args

from backend.ml.errors import SettingError
from backend.ml.federated.privacy import SENSITIVITY, composed, epsilon_at
from backend.ml.strict_json import JSON, Fields

Where = Literal["site", "coordinator"]
_WHAT = "The rules of the round"
_LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    "clip_norm": (1e-6, 1e6), "largest_share": (0.01, 1.0), "fewest_sites": (1, 1000), "noise": (0, 1e6),
    "delta": (1e-12, 0.5),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Rules of one round. Raises SettingError for values that are impossible.

    `noise` is a standard deviation in sensitivities (2·clip_norm), 0 for none. With `noise_at` "site" each site adds it
    before anything leaves the house; with "coordinator" it is added to the mean, which protects whoever's data it is
    from those who get the model, not from those who can read the folder. `delta` is the δ for which ε is told.
    """

    clip_norm: float = 10.0
    largest_share: float = 0.6
    fewest_sites: int = 2
    leave_out_odd: bool = True
    noise: float = 0.0
    noise_at: Where = "site"
    delta: float = 1e-5

    def __post_init__(self) -> None:
        for name, (low, high) in _LIMITS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingError(f"{_WHAT}: {name} should be from {low:g} to {high:g}, not {value:g}.")

    @property
    def deviation(self) -> float:
        """Standard deviation of the noise on one contribution."""
        return self.noise * SENSITIVITY * self.clip_norm

    def longest(self, size: int) -> float:
        """Return the length that a contribution of so many numbers may have as it arrives.

        With noise an honest one is longer once in a million times: the length of d Gaussian numbers is above √d + t
        with a probability of at most exp(-t²/2).
        """
        clipped = self.clip_norm * (1 + 1e-4)  # rounded to float32
        return clipped + self.deviation * (math.sqrt(size) + 5.3) if self.noise_at == "site" else clipped

    def to_dict(self) -> dict[str, JSON]:
        """Return a JSON object."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: object) -> "Rules":
        """Read what `to_dict` gave; raises SettingError that names the faulty rule."""
        read = Fields(data, _WHAT, SettingError)
        rules = cls(
            clip_norm=read.number("clip_norm", 0, 1e6),
            largest_share=read.number("largest_share", 0, 1),
            fewest_sites=read.integer("fewest_sites", 1, 1000),
            leave_out_odd=read.boolean("leave_out_odd"),
            noise=read.number("noise", 0, 1e6),
            noise_at=read.choice("noise_at", get_args(Where)),  # type: ignore[arg-type]  # one of them
            delta=read.number("delta", 0, 1),
        )
        read.done()
        return rules


def budget(rounds: Sequence[Rules]) -> float:
    """Return the ε that a site has spent when it took part in all these rounds, at the largest δ among them; inf where
    one of them had no noise.
    """
    return epsilon_at(max(one.delta for one in rounds), composed([one.noise for one in rounds]))
