"""A look at the bytes of an ONNX file before anything loads them: is it one, does it stand alone, is it of sane size?

An ONNX tensor may name another file as the place of its values; a hostile model could so read any file of the
machine. A few bytes may declare a tensor that fills the memory, a loop that never ends, or an operator that only some
library knows. The protobuf (onnx.proto3) is walked by hand, so that the web process need not load a library for it.
What a graph makes while it runs cannot be seen in it: a model is first run in a process with limits of its own.
"""

from dataclasses import dataclass, field
from math import prod
from typing import TypeAlias

from backend.ml.errors import ModelInvalidError
from backend.ml.inference.onnx_bytes import DAMAGED, message_fields, varint

MAX_BYTES = 512 * 1024 * 1024
MAX_NODES = 20_000
MAX_METADATA = 4 * 1024 * 1024  # bytes of all entries together
_MAX_DEPTH = 32
_MAX_FIELDS = 1_000_000  # to be walked; a graph within the limits above has far fewer
_MAX_DIMS = 32

# message -> {field number -> message of that field}; only ways that lead to what is looked at
_CHILDREN: dict[str, dict[int, str]] = {
    "model": {7: "graph", 14: "metadata", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
    "metadata": {},
}
_SINGLE = {("model", 7), ("attribute", 5), ("attribute", 6), ("attribute", 22), ("sparse", 1), ("sparse", 2)}
_STANDARD = ("", "ai.onnx", "ai.onnx.ml")
_MICROSOFT = "com.microsoft"
# what onnxruntime itself writes when it optimises a graph for any machine
_WRITTEN = (
    "FusedConv FusedGemm FusedMatMul Gelu FastGelu BiasGelu QuickGelu Attention MultiHeadAttention "
    "SkipLayerNormalization SimplifiedLayerNormalization EmbedLayerNormalization BiasSoftmax"
)
_FUSED = frozenset(_WRITTEN.split())
_ENDLESS = ("Loop", "Scan", "SequenceMap")  # how often they go round is known only when they have
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14  # of TensorProto
_HELD = (4, 5, 6, 7, 9, 10, 11)  # its fields for values of any kind


_Parts: TypeAlias = list[tuple[int, int | memoryview]]


@dataclass
class _Seen:
    """What was met on the way."""

    fields: int = 0
    nodes: int = 0
    metadata: int = 0
    operators: set[tuple[str, str]] = field(default_factory=set)  # domain, name
    functions: set[tuple[str, str]] = field(default_factory=set)


def check_onnx(data: bytes) -> None:
    """Raise ModelInvalidError, saying why, for bytes that are no ONNX model that may be loaded.

    Refused are files and metadata that are too large; too many nodes, or graphs in graphs in graphs; tensors that are
    kept in another file or declared larger than what the file holds; loops; and operators beyond the standard's own,
    those of functions that the file itself defines, and the few that onnxruntime writes.
    """
    if len(data) > MAX_BYTES:
        raise ModelInvalidError(f"The model is larger than {MAX_BYTES >> 20} MiB. Export a smaller one.")
    seen = _Seen()
    if not _walk(memoryview(data), "model", 0, seen):
        raise ModelInvalidError("The file is no ONNX model: it holds no graph. Choose a file that ends in .onnx.")
    for domain, name in seen.functions:
        if domain in _STANDARD or domain == _MICROSOFT:
            raise ModelInvalidError(f"The model redefines the operator “{name:.60}”, which is not allowed.")
    for domain, name in seen.operators - seen.functions:
        if domain in _STANDARD and name in _ENDLESS:
            raise ModelInvalidError(f"The model holds a {name}, which need not end. Export it without loops.")
        if domain not in _STANDARD and not (domain == _MICROSOFT and name in _FUSED):
            raise ModelInvalidError(
                f"The model uses the operator “{name:.60}” of “{domain:.60}”, which is not part of ONNX. "
                "Export it with standard operators only."
            )


def _walk(message: memoryview, kind: str, depth: int, seen: _Seen) -> bool:
    """Walk one message; return whether it has a graph."""
    if depth > _MAX_DEPTH:
        raise ModelInvalidError("The model nests graphs too deeply to be used.")
    has_graph = False
    fields: _Parts = []
    met: set[int] = set()
    for number, value in message_fields(message):
        seen.fields += 1
        if seen.fields > _MAX_FIELDS:
            raise ModelInvalidError("The model has too many parts to be checked. Export a smaller one.")
        child = _CHILDREN[kind].get(number)
        if child is None:
            fields.append((number, value))
        elif isinstance(value, memoryview):
            _walk(value, child, depth + 1, seen)
            has_graph |= child == "graph"
        else:
            raise ModelInvalidError(DAMAGED)
        if (kind, number) in _SINGLE and number in met:
            raise ModelInvalidError(DAMAGED)  # two would become one when they are read
        met.add(number)
    if kind in _CHECKS:
        _CHECKS[kind](fields, len(message), seen)
    return has_graph


def _check_node(fields: _Parts, _size: int, seen: _Seen) -> None:
    seen.nodes += 1
    if seen.nodes > MAX_NODES:
        raise ModelInvalidError(f"The model has more than {MAX_NODES:,} operations. Export a smaller one.")
    seen.operators.add((_text(fields, 7), _text(fields, 4)))


def _check_function(fields: _Parts, _size: int, seen: _Seen) -> None:
    seen.functions.add((_text(fields, 10), _text(fields, 1)))


def _check_metadata(_fields: _Parts, size: int, seen: _Seen) -> None:
    seen.metadata += size + 16
    if seen.metadata > MAX_METADATA:
        raise ModelInvalidError(f"The model carries more than {MAX_METADATA >> 20} MiB of metadata. Remove some.")


def _check_sparse(fields: _Parts, _size: int, _seen: _Seen) -> None:
    if 8 * prod(_sizes(fields, 3)) > MAX_BYTES:
        raise ModelInvalidError("The model declares a sparse tensor that is too large. Export a smaller one.")


def _check_tensor(fields: _Parts, _size: int, _seen: _Seen) -> None:
    held = 0
    for number, value in fields:
        if number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value == 1):
            raise ModelInvalidError(
                "The model keeps its weights in another file, which is not allowed. Export it as one file."
            )
        if number in _HELD:
            held += 1 if isinstance(value, int) else max(1, len(value))
    if prod(_sizes(fields, 1)) > 2 * held:  # numbers of four bits are two to a byte
        raise ModelInvalidError(
            "The model declares a tensor that is larger than what the file holds of it. Export it again."
        )


_CHECKS = {
    "node": _check_node,
    "function": _check_function,
    "metadata": _check_metadata,
    "sparse": _check_sparse,
    "tensor": _check_tensor,
}


def _text(fields: _Parts, number: int) -> str:
    """Return a field of text, the last where there are several, as protobuf does."""
    texts = [value for found, value in fields if found == number and isinstance(value, memoryview)]
    return bytes(texts[-1]).decode(errors="replace") if texts else ""


def _sizes(fields: _Parts, number: int) -> list[int]:
    """Return the sizes of a tensor, written one by one or packed."""
    sizes: list[int] = []
    for found, value in fields:
        if found != number:
            continue
        if isinstance(value, int):
            sizes.append(value)
        else:
            position = 0
            while position < len(value) and len(sizes) <= _MAX_DIMS:
                size, position = varint(value, position)
                sizes.append(size)
        if len(sizes) > _MAX_DIMS:
            raise ModelInvalidError(f"The model declares a tensor of more than {_MAX_DIMS} dimensions.")
    return sizes
