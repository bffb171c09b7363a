"""The bytes of an ONNX file: protobuf walked without a library for it, metadata read and added, numbers counted.

Field numbers are those of onnx.proto3.
"""

import math
from collections.abc import Iterator, Mapping

from backend.ml.errors import ModelInvalidError

DAMAGED = "The file is no ONNX model, or is damaged. Download or export it again."

# Of ModelProto; each of the metadata is a message of key (1) and value (2):
_GRAPH, _METADATA_PROPS = 7, 14
_INITIALIZER = 5  # of GraphProto
_DIMS, _DATA_TYPE = 1, 2  # of TensorProto
_FLOATS = (1, 10, 11, 16)  # float32, float16, float64, bfloat16


def message_fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield (field number, value) of a protobuf message: an int for a varint, else the bytes."""
    position, end = 0, len(message)
    while position < end:
        tag, position = varint(message, position)
        wire = tag & 7
        if wire == 0:
            value, position = varint(message, position)
            yield tag >> 3, value
            continue
        if wire == 2:
            size, position = varint(message, position)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ModelInvalidError(DAMAGED)
        if position + size > end:
            raise ModelInvalidError("The ONNX file is cut short. Download or export it again.")
        yield tag >> 3, message[position : position + size]
        position += size


def varint(message: memoryview, position: int) -> tuple[int, int]:
    """Return the number written at `position`, seven bits a byte, and the position behind it."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            break
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ModelInvalidError(DAMAGED)


def read_metadata(onnx: bytes) -> dict[str, str]:
    """Return the `metadata_props` of a model; of a key that is there twice the last value.

    Raises ModelInvalidError for bytes that are no ONNX model.
    """
    found: dict[str, str] = {}
    for number, entry in message_fields(memoryview(onnx)):
        if number == _METADATA_PROPS and isinstance(entry, memoryview):
            texts = {key: bytes(text) for key, text in message_fields(entry) if isinstance(text, memoryview)}
            try:
                found[texts.get(1, b"").decode()] = texts.get(2, b"").decode()
            except UnicodeDecodeError as problem:
                raise ModelInvalidError("The metadata of the model are no readable text.") from problem
    return found


def with_metadata(onnx: bytes, properties: Mapping[str, str]) -> bytes:
    """Return the model with further metadata, which win over those of the same key that it has.

    A protobuf message may be continued by appending fields to it, so the graph stays as it is to the byte.
    """
    entries = [_field(1, key.encode()) + _field(2, value.encode()) for key, value in properties.items()]
    return onnx + b"".join(_field(_METADATA_PROPS, entry) for entry in entries)


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + encoded(len(content)) + content


def encoded(value: int) -> bytes:
    """Return a number as protobuf writes it: seven bits a byte, the lowest first."""
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def count_numbers(onnx: bytes) -> int:
    """Return how many floating-point numbers the initialisers of a graph hold: about the parameters of a network."""
    total = 0
    for number, graph in message_fields(memoryview(onnx)):
        if number != _GRAPH or not isinstance(graph, memoryview):
            continue
        for inner, tensor in message_fields(graph):
            if inner == _INITIALIZER and isinstance(tensor, memoryview):
                total += _numbers_of(tensor)
    return min(total, 2**48)


def _numbers_of(tensor: memoryview) -> int:
    dims: list[int] = []
    kind = 0
    for number, value in message_fields(tensor):
        if number == _DIMS and isinstance(value, int):
            dims.append(value)
        elif number == _DIMS and isinstance(value, memoryview):
            dims += packed(value)
        elif number == _DATA_TYPE and isinstance(value, int):
            kind = value
    return math.prod(dims) if kind in _FLOATS else 0


def packed(content: memoryview) -> list[int]:
    """Return the whole numbers of a packed field."""
    values, value, shift = [], 0, 0
    for byte in content:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            values.append(value)
            value = shift = 0
    return values
