"""The same network with weights drawn anew, made from the bytes of its ONNX file: the control of every map.

In three ways by turns, since a map should stand out from random networks however they were drawn:

- "normal": weights of convolutions and linear layers with a variance of two over their inputs (He et al. 2015,
  arXiv:1502.01852), which keeps the size of a signal over many layers; biases are zero;
- "uniform": weights and biases within one over the root of their inputs, as a fresh layer of PyTorch has them;
- "shuffled": the network's own numbers in another order, each table by itself.

In the first two a normalisation begins as one that changes nothing, and every other table is shuffled. So it can be
done with any graph, also a foreign one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from backend.ml.errors import ModelInvalidError
from backend.ml.inference.onnx_bytes import encoded, message_fields, packed

# Fields of onnx.proto3: of ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto.
_GRAPH = 7
_NODE, _INITIALIZER = 1, 5
_INPUT, _OUTPUT, _OP, _ATTRIBUTE = 1, 2, 4, 5
_ATTRIBUTE_NAME, _ATTRIBUTE_INT = 1, 3
_DIMS, _DATA_TYPE, _FLOATS, _NAME, _RAW = 1, 2, 4, 8, 9
_TYPES: Mapping[int, str] = {1: "<f4", 10: "<f2", 11: "<f8"}

Way: TypeAlias = Literal["normal", "uniform", "shuffled"]
WAYS: Final[tuple[Way, ...]] = ("normal", "uniform", "shuffled")
_PASSES = ("Cast", "Identity", "Transpose", "Reshape", "Unsqueeze", "Squeeze")  # what a weight goes through unchanged
_LINEAR = ("Conv", "FusedConv", "Gemm", "FusedGemm", "MatMul", "FusedMatMul", "ConvTranspose")
_NORMS = ("BatchNormalization", "InstanceNormalization", "LayerNormalization", "GroupNormalization")
_RECURRENT = ("LSTM", "GRU", "RNN")


@dataclass(frozen=True, slots=True)
class _Use:
    """Where a table of numbers goes in: an operator, the place among its inputs, and for a Gemm whether transposed.

    Of a bias, `weight` names the table that it goes with.
    """

    operator: str
    place: int
    transposed: bool = False
    weight: str = ""


def redrawn(onnx: bytes, seed: int) -> bytes:
    """Return the file with weights drawn from `seed`, in the way that is its turn.

    Raises ModelInvalidError for a graph that holds none to draw.
    """
    random, way = default_rng([seed, 61]), WAYS[seed % len(WAYS)]
    n_drawn = 0
    parts: list[bytes] = []
    for number, value in message_fields(memoryview(onnx)):
        if number != _GRAPH or not isinstance(value, memoryview):
            parts.append(field(number, value))
            continue
        uses = _uses(value)
        held = [_table(part) if place == _INITIALIZER and isinstance(part, memoryview) else None
                for place, part in message_fields(value)]  # fmt: skip
        shapes = {one.name: one.values.shape for one in held if one is not None}
        inner: list[bytes] = []
        for (place, part), one in zip(message_fields(value), held, strict=True):
            if one is None:
                inner.append(field(place, part))
                continue
            use = uses.get(one.name, _Use("", 0))
            fresh = fresh_values(one.values, use, _fan_in(use, one.values.shape, shapes), way, random)
            inner.append(field(place, one.with_values(fresh)))
            n_drawn += 1
        parts.append(field(_GRAPH, b"".join(inner)))
    if not n_drawn:
        raise ModelInvalidError(
            "The weights of this network cannot be drawn anew: its file holds none as plain numbers (it may be "
            "quantised). Without that control no map can be told from one of a network that knows nothing."
        )
    return b"".join(parts)


def field(number: int, value: int | memoryview | bytes) -> bytes:
    """Return a field of a protobuf message; numbers of four and eight bytes do not occur in those written here."""
    if isinstance(value, int):
        return encoded(number << 3) + encoded(value)
    return encoded(number << 3 | 2) + encoded(len(value)) + bytes(value)


def _uses(graph: memoryview) -> dict[str, _Use]:
    """Return by name what each table of numbers is for; a weight that is cast or reshaped first is followed."""
    uses: dict[str, _Use] = {}
    same: dict[str, str] = {}  # output of a cast -> the table that goes in
    for number, node in message_fields(graph):
        if number != _NODE or not isinstance(node, memoryview):
            continue
        inputs, outputs, operator, transposed = _node(node)
        tables = [same.get(name, name) for name in inputs]
        if operator in _PASSES and inputs and outputs:
            same[outputs[0]] = tables[0]
            continue
        for place, name in enumerate(tables):
            uses.setdefault(name, _Use(operator, place, transposed, tables[1] if len(tables) > 1 else ""))
    return uses


def _node(node: memoryview) -> tuple[list[str], list[str], str, bool]:
    inputs: list[str] = []
    outputs: list[str] = []
    operator, transposed = "", False
    for number, value in message_fields(node):
        if not isinstance(value, memoryview):
            continue
        if number == _INPUT:
            inputs.append(bytes(value).decode(errors="replace"))
        elif number == _OUTPUT:
            outputs.append(bytes(value).decode(errors="replace"))
        elif number == _OP:
            operator = bytes(value).decode(errors="replace")
        elif number == _ATTRIBUTE:
            said = dict(message_fields(value))
            name = said.get(_ATTRIBUTE_NAME)
            transposed |= isinstance(name, memoryview) and bytes(name) == b"transB" and bool(said.get(_ATTRIBUTE_INT))
    return inputs, outputs, operator, transposed


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """A tensor of the graph that holds floating-point numbers."""

    name: str
    kind: int
    values: NDArray[np.floating]

    def with_values(self, values: NDArray[np.float64]) -> bytes:
        """Return the tensor as protobuf with other values."""
        dims = [field(_DIMS, dim) for dim in self.values.shape]
        raw = values.astype(_TYPES[self.kind]).tobytes()
        return b"".join([*dims, field(_DATA_TYPE, self.kind), field(_NAME, self.name.encode()), field(_RAW, raw)])


def _table(tensor: memoryview) -> _Table | None:
    """Return a tensor; None for one that holds no numbers to be drawn."""
    dims: list[int] = []
    kind, name, raw, floats = 0, "", b"", b""
    for number, value in message_fields(tensor):
        if number == _DIMS:
            dims += packed(value) if isinstance(value, memoryview) else [value]
        elif number == _DATA_TYPE and isinstance(value, int):
            kind = value
        elif isinstance(value, memoryview):
            if number == _NAME:
                name = bytes(value).decode(errors="replace")
            elif number == _RAW:
                raw = bytes(value)
            elif number == _FLOATS:
                floats += bytes(value)
    size = math.prod(dims)
    held = raw or (floats if kind == 1 else b"")
    if kind not in _TYPES or size < 2 or len(held) != size * np.dtype(_TYPES[kind]).itemsize:
        return None
    return _Table(name, kind, np.frombuffer(held, _TYPES[kind]).reshape(dims))


def fresh_values(old: NDArray[np.floating], use: _Use, fan_in: int, way: Way, random: Generator) -> NDArray[np.float64]:
    """Return what stands in the place of a table of numbers; `fan_in` is how many inputs make an output."""
    if way != "shuffled":
        if use.operator in _NORMS:  # scale, shift, mean and variance
            return np.ones(old.shape) if use.place in (1, 4) else np.zeros(old.shape)
        if use.operator in _LINEAR + _RECURRENT or (use.operator == "Add" and old.ndim == 1):
            bias = use.operator == "Add" or use.place > 2 or old.ndim < 2
            if way == "uniform":
                return random.uniform(-1, 1, old.shape) / math.sqrt(fan_in)
            return np.zeros(old.shape) if bias else random.normal(0, math.sqrt(2 / fan_in), old.shape)
    return random.permutation(old.astype(np.float64).ravel()).reshape(old.shape)


def _fan_in(use: _Use, own: tuple[int, ...], shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Return how many numbers each output of a weight is made of; for a bias those of the weight beside it."""
    shape = own if len(own) > 1 else shapes.get(use.weight, own)
    if len(shape) < 2:
        return math.prod(shape)
    if use.operator in ("Gemm", "FusedGemm"):
        return shape[1] if use.transposed else shape[0]
    if use.operator in ("MatMul", "FusedMatMul"):
        return shape[-1] if use.place == 0 else shape[-2]
    if use.operator == "ConvTranspose":
        return shape[0] * math.prod(shape[2:])
    if use.operator in _RECURRENT:
        return shape[-1]
    return math.prod(shape[1:])
