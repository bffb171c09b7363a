"""Trying a model that came from elsewhere: does it load, does it run, does it give finite numbers?"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from backend.ml.errors import ModelInvalidError
from backend.ml.inference import parity
from backend.ml.inference.onnx_bytes import count_numbers
from backend.ml.inference.onnx_guard import check_onnx
from backend.ml.inference.predictor import ORT_ERRORS, Predictor, refusal, session_of
from backend.ml.spec import ModelSpec

Shape = tuple[int | str | None, ...]


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a graph; open sizes are None or a name."""

    name: str
    kind: str  # such as tensor(float)
    shape: Shape


@dataclass(frozen=True, slots=True)
class Graph:
    """What goes into a graph and what comes out of it."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Graph":
        """Read what `to_dict` gave; raises KeyError, TypeError or ValueError for anything else."""
        return cls(*(tuple(_port(one) for one in data[name]) for name in ("inputs", "outputs")))


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a trial: the model has answered, its description as JSON, and how many numbers its graph holds."""

    spec: str
    numbers: int

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Trial":
        """Read what `to_dict` gave; raises KeyError, TypeError or ValueError for anything else."""
        return cls(str(data["spec"]), int(data["numbers"]))


@dataclass(frozen=True, eq=False)
class ImportedWeights:
    """What weights of a known architecture have become; without a head of their own they can be fine-tuned only.

    `parity` is the largest difference of a logit between onnxruntime and torch; `weights` are safetensors.
    """

    spec: ModelSpec
    has_head: bool
    onnx: bytes
    weights: bytes
    parity: float
    parameters: int
    notes: list[str]


def graph_of(onnx: bytes) -> Graph:
    """Load a graph, without running it, and return its inputs and outputs. Raises ModelInvalidError."""
    check_onnx(onnx)
    try:
        session = session_of(onnx, 1, optimised=False)
        return Graph(_ports(session.get_inputs()), _ports(session.get_outputs()))
    except ORT_ERRORS as problem:
        raise refusal("loaded", problem) from problem


def run_trial(onnx: bytes) -> Trial:
    """Load a model that describes itself and run it on silence and on noise, one record and two.

    Raises ModelInvalidError where it cannot be run, or answers with what is no number.
    """
    predictor = Predictor.from_bytes(onnx)
    spec = predictor.spec
    for size in (1, 2):
        noise, patient = parity.probe(size, spec.n_samples, takes_patient=spec.takes_patient)
        for x in (np.zeros_like(noise), noise):
            logits = predictor.logits(x, patient)
            if not np.isfinite(logits).all():
                raise ModelInvalidError(
                    "The model answers with values that are no numbers (NaN or infinite). Export it again, and try it "
                    "on a flat and on a noisy ECG."
                )
    return Trial(spec.to_json(), count_numbers(onnx))


def _ports(ports: Sequence[Any]) -> tuple[Port, ...]:
    return tuple(Port(one.name, one.type, tuple(one.shape)) for one in ports)


def _port(data: Mapping[str, Any]) -> Port:
    sizes = tuple(size if isinstance(size, int) or size is None else str(size)[:100] for size in data["shape"])
    return Port(str(data["name"])[:200], str(data["kind"])[:100], sizes)
