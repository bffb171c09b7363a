"""What makes the answers of a network frequencies: a line through its logits, fitted on validation recordings.

It is part of what a model is (`backend.ml.spec.ModelSpec`) and applied in one place, `inference.predictor.to_outputs`.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from backend.ml.errors import ModelInvalidError
from backend.ml.strict_json import JSON, Fields

Method = Literal["platt", "temperature"]
_WHAT: Final = "The calibration of the model"
_Z: Final = 1.959963984540054
_NEAREST: Final = 1e-7  # to 0 and 1 that a probability is taken to be
_STEEPEST: Final = 1000.0


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Calibrated logits of L labels are `slopes` · logits + `intercepts`.

    "platt": each label has its own (Platt 1999), of several labels; "temperature": one slope for all, of a single label
    (Guo et al. 2017, arXiv:1706.04599). A label with too few validation recordings has slope 1 and intercept 0.
    `covariances` are those of slope and intercept (slope, both, intercept), empty for a label that has none, which has
    no count either: the model is passed on, and a count of a few would tell of single patients.
    """

    method: Method
    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]
    covariances: tuple[tuple[float, ...], ...]
    positives: tuple[int, ...]  # validation recordings with each label that has a line of its own, else 0
    n: int  # validation recordings

    def __post_init__(self) -> None:
        lengths = {len(self.slopes), len(self.intercepts), len(self.covariances), len(self.positives)}
        if len(lengths) != 1 or any(len(one) not in (0, 3) for one in self.covariances):
            raise ModelInvalidError(f"{_WHAT} needs a slope, an intercept, a covariance and a count for each label.")
        if min(self.slopes, default=1.0) <= 0:
            raise ModelInvalidError(f"{_WHAT} has a slope that is not above 0, which would turn answers around.")

    def fitted(self, index: int) -> bool:
        """Say whether a label is calibrated, or had too few recordings."""
        return self.method == "temperature" or bool(self.covariances[index])

    def line(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return calibrated logits of logits (b, L)."""
        slopes, intercepts = (np.asarray(each, np.float32) for each in (self.slopes, self.intercepts))
        return logits * slopes + intercepts

    def interval(self, index: int, probability: float) -> tuple[float, float] | None:
        """Return the 95 % interval of a calibrated probability of a label, by the error of its line; None without one.

        It says how well the line is known, not how much patients with this probability differ.
        """
        if not self.covariances[index]:
            return None
        p = min(max(probability, _NEAREST), 1 - _NEAREST)
        z = float(np.log(p / (1 - p)))
        x = (z - self.intercepts[index]) / self.slopes[index]
        of_slope, both, of_intercept = self.covariances[index]
        half = _Z * float(np.sqrt(max(0.0, x * x * of_slope + 2 * x * both + of_intercept)))
        return float(1 / (1 + np.exp(half - z))), float(1 / (1 + np.exp(-half - z)))

    def to_dict(self) -> dict[str, JSON]:
        """Return a JSON object."""
        return {
            "method": self.method, "slopes": list(self.slopes), "intercepts": list(self.intercepts),
            "covariances": [list(one) for one in self.covariances], "positives": list(self.positives), "n": self.n,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: object) -> "Calibration | None":
        """Read what `to_dict` gave, None for None; raises ModelInvalidError."""
        if data is None:
            return None
        read = Fields(data, _WHAT, ModelInvalidError)
        covariances = read.value("covariances")
        if not isinstance(covariances, list | tuple) or len(covariances) > 2000:
            raise read.fault("covariances", "a list of lists of three numbers")
        each = [Fields({"covariances": one}, _WHAT, ModelInvalidError) for one in covariances]
        found = cls(
            method=read.choice("method", get_args(Method)),  # type: ignore[arg-type]  # one of them
            slopes=read.numbers("slopes", 0, _STEEPEST),
            intercepts=read.numbers("intercepts", -_STEEPEST, _STEEPEST),
            covariances=tuple(one.numbers("covariances", -1e9, 1e9, most=3) for one in each),
            positives=tuple(int(number) for number in read.numbers("positives", 0, 2**53)),
            n=read.integer("n", 0, 2**53),
        )
        read.done()
        return found
