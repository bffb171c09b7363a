"""Strict reading of JSON objects: every field is typed and bounded, and an unknown field is an error."""

import json
from collections.abc import Mapping
from typing import TypeAlias

from pydantic import ConfigDict, JsonValue

from backend.ecg.errors import UserError

JSON: TypeAlias = JsonValue

ALL_SERVED = ConfigDict(json_schema_serialization_defaults_required=True)
"""For dataclasses that the API serves: what an old row lacks is served with its default, so every field is there."""


def parse_json(data: object, what: str, error: type[UserError], *, limit: int = 1_000_000) -> object:
    """Parse JSON text of at most `limit` characters; NaN and Infinity, which are not JSON, are refused as well.

    Anything that is no text is taken to be parsed already and returned as it is.
    """

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    if not isinstance(data, str | bytes):
        return data
    if len(data) > limit:
        raise error(f"{what} is {len(data):,} characters long; at most {limit:,} are read.")
    try:
        return json.loads(data, parse_constant=refuse)
    except (ValueError, RecursionError) as problem:
        raise error(f"{what} is not valid JSON ({problem}).") from problem


class Fields:
    """One JSON object being read. Call a reader for each field, then `done`; every fault raises `error`."""

    def __init__(self, data: object, what: str, error: type[UserError]) -> None:
        if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
            raise error(f"{what} should be a JSON object with named fields.")
        self.data: Mapping[str, object] = data
        self.what = what
        self.error = error
        self.read: set[str] = set()

    def fault(self, name: str, wanted: str) -> UserError:
        """Return the error that says which field should have been what."""
        shown = repr(self.data.get(name, "missing"))
        return self.error(f"{self.what}: “{name}” should be {wanted}, not {shown[:80]}.")

    def value(self, name: str) -> object:
        """Return the raw value, None where the field is missing."""
        self.read.add(name)
        return self.data.get(name)

    def text(self, name: str, *, longest: int = 1000) -> str:
        """Return a string of at most `longest` characters."""
        value = self.value(name)
        if not isinstance(value, str) or len(value) > longest:
            raise self.fault(name, f"a text of at most {longest} characters")
        return value

    def choice(self, name: str, options: tuple[str, ...]) -> str:
        """Return one of the given words."""
        value = self.value(name)
        if not isinstance(value, str) or value not in options:
            raise self.fault(name, "one of " + ", ".join(options))
        return value

    def boolean(self, name: str) -> bool:
        """Return true or false."""
        value = self.value(name)
        if not isinstance(value, bool):
            raise self.fault(name, "true or false")
        return value

    def integer(self, name: str, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`."""
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.fault(name, f"a whole number from {low} to {high}")
        return value

    def number(self, name: str, low: float, high: float) -> float:
        """Return a finite number from `low` to `high`."""
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:  # NaN is not
            raise self.fault(name, f"a number from {low:g} to {high:g}")
        return float(value)

    def texts(self, name: str, *, longest: int = 200, most: int = 2000) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self.value(name)
        if not isinstance(value, list | tuple) or len(value) > most:
            raise self.fault(name, f"a list of at most {most} texts")
        if not all(isinstance(item, str) and len(item) <= longest for item in value):
            raise self.fault(name, f"a list of texts of at most {longest} characters")
        return tuple(value)

    def numbers(self, name: str, low: float, high: float, *, most: int = 2000) -> tuple[float, ...]:
        """Return a list of finite numbers from `low` to `high`."""
        value = self.value(name)
        if not isinstance(value, list | tuple) or len(value) > most:
            raise self.fault(name, f"a list of at most {most} numbers")
        for item in value:
            if isinstance(item, bool) or not isinstance(item, int | float) or not low <= item <= high:
                raise self.fault(name, f"a list of numbers from {low:g} to {high:g}")
        return tuple(float(item) for item in value)

    def mapping(self, name: str) -> dict[str, JSON]:
        """Return a JSON object."""
        value = self.value(name)
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise self.fault(name, "a JSON object")
        return dict(value)

    def done(self) -> None:
        """Refuse fields that nobody read: a misspelt setting must not be ignored silently."""
        unknown = sorted(set(self.data) - self.read)
        if unknown:
            raise self.error(f"{self.what} has unknown fields: {', '.join(unknown)[:200]}.")
