"""What a training changed in a model: named differences of weights, their length, clipping, noise and addition.

Every floating-point tensor of the named weights takes part, the running statistics of BatchNorm too; whole numbers,
such as the counters of BatchNorm, stay those of the base. Statistics are measured in units of the base's own: a mean
in its standard deviations, a variance in itself. Without that, a few large variances would be all of the length.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from backend.ml.errors import ContributionError, ModelInvalidError
from backend.ml.packaging.weights_file import check_weights

Weights: TypeAlias = Mapping[str, NDArray[np.generic]]
Change: TypeAlias = dict[str, NDArray[np.float32]]
Delta: TypeAlias = Mapping[str, NDArray[np.float32]]
MEAN: Final = ".running_mean"
VARIANCE: Final = ".running_var"
HEAD: Final = ("head.weight", "head.bias")  # of every network of the register: a row for each label
LEAST_VARIANCE: Final = 0.01  # of that of the base: a variance that noise has made smaller or negative is put there
EPSILON: Final = 1e-5  # of BatchNorm: what it adds to a variance before it divides


def read_weights(data: bytes) -> dict[str, NDArray[np.generic]]:
    """Return the named tensors of safetensors. Raises ModelInvalidError for bytes that are none, or half precision
    that numpy does not know.
    """
    check_weights(data)
    try:
        return dict(load(data))
    except (SafetensorError, ValueError, KeyError, TypeError) as problem:
        raise ModelInvalidError(
            "The weights are no readable safetensors file, or in a number format that is not averaged (bfloat16). "
            "Export the model again."
        ) from problem


def shared_names(weights: Weights) -> list[str]:
    """Return the names of the tensors that take part, in a fixed order."""
    return sorted(name for name, value in weights.items() if np.issubdtype(value.dtype, np.floating))


def delta_of(base: Weights, trained: Weights) -> Change:
    """Return trained minus base. Raises ContributionError where the two are not the same network."""
    check_same(base, trained, "The trained model")
    return {
        name: np.asarray(trained[name].astype(np.float64) - base[name].astype(np.float64), np.float32)
        for name in shared_names(base)
    }


def check_same(base: Weights, other: Weights, what: str) -> None:
    """Raise ContributionError, naming the tensor, where names or shapes differ or a value is no finite number."""
    if missing := sorted(set(base) - set(other)) or sorted(set(other) - set(base)):
        where = "lacks" if missing[0] in base else "has, unlike the base model,"
        raise ContributionError(
            f"{what} {where} the tensor “{missing[0]:.100}”. It was not trained from the base model of this round: "
            "fine-tune that one, all layers, with the same labels."
        )
    for name, value in base.items():
        if other[name].shape != value.shape:
            raise ContributionError(
                f"The tensor “{name:.100}” of {what[0].lower() + what[1:]} has the shape {other[name].shape}, that of "
                f"the base model of this round {value.shape}. Fine-tune that one, with the same labels."
            )
        if np.issubdtype(value.dtype, np.floating) and not np.isfinite(other[name]).all():
            raise ContributionError(
                f"The tensor “{name:.100}” of {what[0].lower() + what[1:]} holds values that are no numbers. "
                "Train again with a smaller learning rate."
            )


def in_order(weights: Weights, labels: Sequence[str], wanted: Sequence[str]) -> Weights:
    """Return the weights of a network of the register with the rows of its head in the order of other labels.

    A training takes its labels in the order of its data set, not in that of the base. Raises ContributionError unless
    both have the same labels.
    """
    if sorted(labels) != sorted(wanted):
        raise ContributionError(
            f"The model tells {', '.join(labels)}; the round is about {', '.join(wanted)}. Train these labels, all of "
            "them and no others."
        )
    rows = [list(labels).index(label) for label in wanted]
    return dict(weights) | {name: weights[name][rows] for name in HEAD if name in weights}


def read_delta(data: bytes, base: Weights) -> Change:
    """Read a delta that somebody else sent. Raises ContributionError unless it fits the base tensor by tensor: the same
    names and shapes, float32, all finite.
    """
    try:
        shapes = check_weights(data)
        wanted = {name: base[name].shape for name in shared_names(base)}
        if shapes == wanted:  # before anything is loaded
            tensors = read_weights(data)
        else:
            odd = next(name for name in sorted({*shapes, *wanted}) if shapes.get(name) != wanted.get(name))
            raise ContributionError(
                f"The delta has the tensor “{odd:.100}” as {shapes.get(odd, 'nothing')}, the base model of this round "
                f"as {wanted.get(odd, 'nothing')}: it was trained from another model."
            )
    except ModelInvalidError as problem:
        raise ContributionError(f"The delta cannot be read: {problem}") from problem
    delta: Change = {}
    for name, value in tensors.items():
        if value.dtype != np.float32:
            raise ContributionError(f"The tensor “{name:.100}” of the delta is {value.dtype}; it should be float32.")
        if not np.isfinite(value).all():
            raise ContributionError(f"The tensor “{name:.100}” of the delta holds values that are no numbers.")
        delta[name] = np.asarray(value, np.float32)
    return delta


def delta_bytes(delta: Delta) -> bytes:
    """Return a delta as safetensors; equal deltas give equal bytes."""
    return save({name: np.asarray(delta[name], np.float32, order="C") for name in sorted(delta)})


def is_statistic(base: Weights, name: str) -> bool:
    """Say whether a tensor is a running mean or variance of BatchNorm."""
    stem = name.removesuffix(MEAN).removesuffix(VARIANCE)
    return stem != name and stem + MEAN in base and stem + VARIANCE in base


def unit(base: Weights, name: str) -> NDArray[np.float64] | float:
    """Return what a tensor of the delta is divided by before it is measured: 1 but for statistics of BatchNorm."""
    if not is_statistic(base, name):
        return 1.0
    variance = base[name.removesuffix(MEAN).removesuffix(VARIANCE) + VARIANCE]
    own = np.maximum(variance.astype(np.float64), 0) + EPSILON
    return np.sqrt(own) if name.endswith(MEAN) else own


def measured(delta: Delta, base: Weights) -> NDArray[np.float64]:
    """Return a delta as one vector (d,) in the units in which it is clipped and compared."""
    return np.concatenate(
        [np.ravel(delta[name].astype(np.float64) / unit(base, name)) for name in sorted(delta)] or [np.zeros(0)]
    )


def norm(delta: Delta, base: Weights) -> float:
    """Return the Euclidean length of a delta in the units of the base."""
    return float(np.linalg.norm(measured(delta, base)))


def clipped(delta: Delta, base: Weights, most: float) -> tuple[Change, float]:
    """Return the delta, shortened to the length `most` where it is longer, and the factor (1: left as it is)."""
    length = norm(delta, base)
    factor = min(1.0, most / length) if length > 0 else 1.0
    return {name: np.asarray(value * factor, np.float32) for name, value in delta.items()}, factor


def with_noise(delta: Delta, base: Weights, deviation: float, random: np.random.Generator) -> Change:
    """Return the delta with Gaussian noise of this standard deviation on every number, in the units of the base.

    Protection needs numbers nobody can guess: `random` should be seeded by the operating system.
    """
    if deviation == 0:
        return dict(delta)
    return {
        name: np.asarray(
            delta[name] + random.standard_normal(delta[name].shape) * deviation * unit(base, name), np.float32
        )
        for name in sorted(delta)
    }


def applied(base: Weights, delta: Delta) -> dict[str, NDArray[np.generic]]:
    """Return base plus delta as float32; a variance stays above LEAST_VARIANCE of the base's; counters stay."""
    result: dict[str, NDArray[np.generic]] = dict(base)
    for name, change in delta.items():
        own = base[name]
        value = own.astype(np.float64) + change
        if name.endswith(VARIANCE) and is_statistic(base, name):
            value = np.maximum(value, LEAST_VARIANCE * own.astype(np.float64))
        result[name] = value.astype(np.float32)
    return result


def weights_bytes(weights: Weights) -> bytes:
    """Return named weights as safetensors, as the platform keeps them."""
    return save({name: np.asarray(weights[name], order="C") for name in sorted(weights)}, metadata={"format": "pt"})
