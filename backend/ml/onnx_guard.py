"""A look at the bytes of an ONNX file before anything loads them: is it one, and does it stand alone?

An ONNX tensor may name another file as the place of its values; a hostile model could so read any file of the
machine. Only the few protobuf fields that can hold a tensor are walked (onnx.proto3), so a check takes microseconds.
"""

from collections.abc import Iterator

from backend.ml.errors import ModelInvalidError

MAX_BYTES = 512 * 1024 * 1024
_MAX_DEPTH = 32

# message -> {field number -> message of that field}; only ways that lead to a tensor
_CHILDREN: dict[str, dict[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14


def check_onnx(data: bytes) -> None:
    """Raise ModelInvalidError for bytes that are too many, are no ONNX model, or refer to other files."""
    if len(data) > MAX_BYTES:
        raise ModelInvalidError(f"The model is larger than {MAX_BYTES >> 20} MiB. Export a smaller one.")
    if not _walk(memoryview(data), "model", 0):
        raise ModelInvalidError("The file is no ONNX model: it holds no graph. Choose a file that ends in .onnx.")


def _walk(message: memoryview, kind: str, depth: int) -> bool:
    """Walk one message; return whether it has a graph."""
    if depth > _MAX_DEPTH:
        raise ModelInvalidError("The model nests graphs too deeply to be used.")
    has_graph = False
    for number, value in _fields(message):
        if kind == "tensor" and (number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value == 1)):
            raise ModelInvalidError(
                "The model keeps its weights in another file, which is not allowed. Export it as one file."
            )
        child = _CHILDREN[kind].get(number)
        if child is not None and isinstance(value, memoryview):
            _walk(value, child, depth + 1)
            has_graph |= child == "graph"
    return has_graph


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield (field number, value) of a protobuf message: an int for a varint, else the bytes."""
    position, end = 0, len(message)
    while position < end:
        tag, position = _varint(message, position)
        wire = tag & 7
        if wire == 0:
            value, position = _varint(message, position)
            yield tag >> 3, value
            continue
        if wire == 2:
            size, position = _varint(message, position)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ModelInvalidError("The file is no ONNX model, or is damaged. Download or export it again.")
        if position + size > end:
            raise ModelInvalidError("The ONNX file is cut short. Download or export it again.")
        yield tag >> 3, message[position : position + size]
        position += size


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            break
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ModelInvalidError("The file is no ONNX model, or is damaged. Download or export it again.")
