"""A measured number with its 95 % interval, or why there is none."""

from dataclasses import dataclass
from typing import ClassVar, Final

from backend.language.sentence import Sentence
from backend.ml.strict_json import ALL_SERVED

Z: Final = 1.959963984540054  # 97.5th percentile of the normal distribution
FEW: Final = 5  # patients: with fewer, on either side, a number says nothing and is withheld


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % interval; all None where the records do not define it.

    `withheld` says in a few words why a number that could be computed is not given: of too few patients it says
    nothing, and no interval of it would hold.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    withheld: Sentence | None = None

    __pydantic_config__: ClassVar = ALL_SERVED


NONE: Final = Estimate(None)


def too_few(patients: int) -> str:
    """Return why a number is withheld that rests on so many patients."""
    return f"too few to say: {patients}"
