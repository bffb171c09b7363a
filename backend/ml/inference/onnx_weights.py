"""The named weights inside an ONNX file, read without loading its graph: one file then serves both.

A file that comes with the platform keeps its weights in half precision, each under the name that torch gives it and the
ending `HALF`; its graph casts them to float32 (`backend.ml.pretraining.half` writes such files).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.ml.errors import ModelInvalidError
from backend.ml.inference.onnx_bytes import message_fields, packed

HALF: Final = "/float16"
# Fields of onnx.proto3: of ModelProto, of GraphProto, of TensorProto.
_GRAPH, _INITIALIZER = 7, 5
_DIMS, _DATA_TYPE, _NAME, _RAW = 1, 2, 8, 9
_TYPES: Mapping[int, str] = {1: "<f4", 7: "<i8", 10: "<f2"}


def named_weights(onnx: bytes) -> bytes:
    """Return the weights in half precision of an ONNX file as safetensors, under the names that torch gives them.

    Raises ModelInvalidError for a file that has none.
    """
    found = {name.removesuffix(HALF): array for name, array in _arrays(onnx) if name.endswith(HALF)}
    if not found:
        raise ModelInvalidError("The file of the model has no weights by name. Take it as it came with the platform.")
    return safetensors(found)


def safetensors(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Return half-precision arrays as a safetensors file: the length of a JSON header, the header, all numbers.

    The format is that of github.com/huggingface/safetensors; a web process does not load its library.
    """
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    parts: list[bytes] = []
    start = 0
    for name, array in sorted(arrays.items()):
        parts.append(np.ascontiguousarray(array, "<f2").tobytes())
        end = start + len(parts[-1])
        header[name] = {"dtype": "F16", "shape": list(array.shape), "data_offsets": [start, end]}
        start = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, *parts])


def _arrays(onnx: bytes) -> Iterator[tuple[str, NDArray[np.generic]]]:
    for number, graph in message_fields(memoryview(onnx)):
        if number == _GRAPH and isinstance(graph, memoryview):
            for inner, tensor in message_fields(graph):
                if inner == _INITIALIZER and isinstance(tensor, memoryview):
                    name, array = _array(tensor)
                    if array is not None:
                        yield name, array


def _array(tensor: memoryview) -> tuple[str, NDArray[np.generic] | None]:
    dims: list[int] = []
    kind, name, raw = 0, "", memoryview(b"")
    for number, value in message_fields(tensor):
        if number == _DIMS:
            dims += packed(value) if isinstance(value, memoryview) else [value]
        elif number == _DATA_TYPE and isinstance(value, int):
            kind = value
        elif number == _NAME and isinstance(value, memoryview):
            name = bytes(value).decode()
        elif number == _RAW and isinstance(value, memoryview):
            raw = value
    if kind not in _TYPES or not raw:
        return name, None
    return name, np.frombuffer(raw, _TYPES[kind]).reshape(dims).copy()
