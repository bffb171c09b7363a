"""When a model should rather say nothing: bands of probability in which labels cannot be told with the error accepted.

Chosen on validation recordings by split-conformal prediction for each label (Vovk et al. 2005; Angelopoulos & Bates
2023, arXiv:2107.07511), see `backend.ml.evaluation.conformal`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.ml.errors import ModelInvalidError
from backend.ml.strict_json import JSON, Fields

_WHAT: Final = "The abstention of the model"


@dataclass(frozen=True, kw_only=True)
class Abstention:
    """A model that accepts a share of errors `error`, of recordings with a label and of those without.

    Where several labels may apply, each abstains from `lows` to `highs`: below it is absent, above it is present. Where
    one applies, a label is possible from its `lows` on (`highs` are 1), and the model abstains unless exactly one is.
    """

    error: float
    lows: tuple[float, ...]
    highs: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.lows) != len(self.highs) or any(a > b for a, b in zip(self.lows, self.highs, strict=True)):
            raise ModelInvalidError(f"{_WHAT} needs a band from low to high for each label.")

    def undecided(self, p: NDArray[np.floating], exclusive: bool) -> NDArray[np.bool_]:
        """Return which labels are left open by probabilities p (…, L); `exclusive` where exactly one applies."""
        possible = p >= np.asarray(self.lows)
        if not exclusive:
            return np.asarray(possible & (p <= np.asarray(self.highs)) & (np.asarray(self.lows) < self.highs))
        one = possible.sum(axis=-1, keepdims=True) == 1
        none = ~possible.any(axis=-1, keepdims=True)
        top = np.arange(p.shape[-1]) == p.argmax(axis=-1)[..., None]
        return np.asarray(~one & (possible | (none & top)))

    def to_dict(self) -> dict[str, JSON]:
        """Return a JSON object."""
        return {"error": self.error, "lows": list(self.lows), "highs": list(self.highs)}

    @classmethod
    def from_dict(cls, data: object) -> "Abstention | None":
        """Read what `to_dict` gave, None for None; raises ModelInvalidError."""
        if data is None:
            return None
        read = Fields(data, _WHAT, ModelInvalidError)
        found = cls(
            error=read.number("error", 0, 1), lows=read.numbers("lows", 0, 1), highs=read.numbers("highs", 0, 1)
        )
        read.done()
        return found
