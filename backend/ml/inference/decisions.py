"""What a model decides from its probabilities: labels it predicts, labels it leaves open, how well each is known."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.ml.spec import ModelSpec


def decide(spec: ModelSpec, probabilities: NDArray[np.floating]) -> list[str]:
    """Return the predicted labels: the most probable one, or each that reaches its threshold; none of a regression."""
    if spec.task == "regression":
        return []
    if spec.task == "single_label":
        return [spec.labels[int(np.argmax(probabilities))]]
    chosen = probabilities >= np.asarray(spec.thresholds)
    return [label for label, yes in zip(spec.labels, chosen, strict=True) if yes]


def undecided(spec: ModelSpec, probabilities: NDArray[np.floating] | Sequence[float]) -> list[str]:
    """Return the labels that a model leaves open at these probabilities (L,), where it may abstain."""
    if spec.abstention is None or not len(probabilities):
        return []
    left_open = spec.abstention.undecided(np.asarray(probabilities, np.float64), spec.task == "single_label")
    return [label for label, yes in zip(spec.labels, left_open, strict=True) if yes]


def hedged(spec: ModelSpec, probabilities: NDArray[np.floating]) -> list[tuple[float, float] | None]:
    """Return the 95 % interval of each probability (L,), by the error of the model's calibration; None without one."""
    if spec.calibration is None:
        return [None] * len(spec.labels)
    return [spec.calibration.interval(index, float(value)) for index, value in enumerate(probabilities)]
