"""JSON as web services write it: a bounded parse, and values out of the tree whatever their type."""

import json
import math
from typing import Any

from backend.ecg.errors import LimitError, UnreadableFileError

_MOST_BYTES = 64 << 20
_MOST_BRACKETS = 1_000_000  # objects and lists: each takes many times its text


def looks_like_object(data: bytes) -> bool:
    """Whether the bytes begin like a JSON object."""
    return data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def parse_json(data: bytes, name: str) -> dict[str, Any]:
    """Parse the JSON object of file `name`; NaN and Infinity are let through.

    Raises UnreadableFileError, LimitError.
    """
    if len(data) > _MOST_BYTES or data.count(b"[") + data.count(b"{") > _MOST_BRACKETS:
        raise LimitError(f"{name} holds more JSON than an ECG needs. Export a shorter recording.")
    try:
        tree = json.loads(data)
    except RecursionError as error:
        raise UnreadableFileError(f"{name} is too deeply nested for an ECG. Export it again.") from error
    except ValueError as error:
        raise UnreadableFileError(f"{name} is damaged JSON. Export or copy it again.") from error
    if not isinstance(tree, dict):
        raise UnreadableFileError(f"{name} is no JSON object. Export it again.")
    return tree


def member(tree: Any, *keys: str) -> Any:
    """Return the value at a path of keys, None where a step is missing or no object; of a list the first entry."""
    for key in keys:
        if isinstance(tree, list):
            tree = tree[0] if tree else None
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def members(tree: Any, key: str) -> list[dict[str, Any]]:
    """Return the objects in the list at `key`, none where there is no such list."""
    found = member(tree, key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def string(value: Any) -> str | None:
    """Return a stripped text, None for nothing and for anything that is no text."""
    return (value.strip() or None) if isinstance(value, str) else None


def real(value: Any) -> float | None:
    """Return a finite number, written as a number or as text, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
