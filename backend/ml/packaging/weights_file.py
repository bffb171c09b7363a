"""A look at a safetensors file without loading a tensor: do names, kinds, shapes and sizes add up?"""

import json
import math
from collections.abc import Mapping
from typing import Final

from backend.ml.errors import ModelInvalidError

_BYTES: Final = {
    "BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "U16": 2, "I32": 4, "U32": 4, "I64": 8, "U64": 8,
    "F16": 2, "BF16": 2, "F32": 4, "F64": 8,
}  # fmt: skip
_MAX_HEADER = 8 << 20
_MOST_TENSORS = 20_000
_LONGEST_NAME = 500
_DAMAGED = "The weights are no safetensors file, or damaged. Save them again with safetensors."


def check_weights(data: bytes) -> dict[str, tuple[int, ...]]:
    """Return name -> shape of the tensors in a safetensors file; no tensor is loaded.

    Raises ModelInvalidError where the header is no JSON of the format, a tensor is of an unknown kind, or the tensors
    do not fill the file exactly, without gap or overlap.
    """
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > min(_MAX_HEADER, len(data) - 8):
        raise ModelInvalidError(_DAMAGED)
    try:
        header = json.loads(data[8 : 8 + size].decode())
    except (ValueError, RecursionError) as problem:
        raise ModelInvalidError(_DAMAGED) from problem
    if not isinstance(header, dict) or len(header) > _MOST_TENSORS:
        raise ModelInvalidError(_DAMAGED)
    header.pop("__metadata__", None)
    spans: list[tuple[int, int]] = []
    shapes: dict[str, tuple[int, ...]] = {}
    for name, facts in header.items():
        if len(name) > _LONGEST_NAME or not isinstance(facts, Mapping):
            raise ModelInvalidError(_DAMAGED)
        shapes[name], span = _tensor(name, facts)
        spans.append(span)
    end = 0
    for start, stop in sorted(spans):
        if start != end:
            raise ModelInvalidError("The tensors of the weights overlap, or leave gaps. Save them again.")
        end = stop
    if end != len(data) - 8 - size:
        raise ModelInvalidError("The weights are cut short, or longer than their tensors. Save them again.")
    return shapes


def _tensor(name: str, facts: Mapping[str, object]) -> tuple[tuple[int, ...], tuple[int, int]]:
    """Return shape and place of one tensor."""
    kind, shape, place = facts.get("dtype"), facts.get("shape"), facts.get("data_offsets")
    fault = ModelInvalidError(f"The tensor {name!r:.80} of the weights cannot be used. Save the weights again.")
    if not isinstance(kind, str) or kind not in _BYTES or not _sizes(shape, 8) or not _sizes(place, 2):
        raise fault
    assert isinstance(shape, list)
    assert isinstance(place, list)
    if len(place) != 2 or place[1] - place[0] != math.prod(shape) * _BYTES[kind]:
        raise fault
    return tuple(shape), (place[0], place[1])


def _sizes(value: object, most: int) -> bool:
    """Say whether this is a short list of numbers from 0 to 2**48."""
    if not isinstance(value, list) or len(value) > most:
        return False
    return all(isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**48 for size in value)
