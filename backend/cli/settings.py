"""Settings given in the shell as name=value pairs."""

import json
from typing import Any

from backend.errors import InvalidInputError


def settings_of(pairs: list[str]) -> dict[str, Any]:
    """Parse name=value pairs; "augmentation.noise=0" reaches into a group. Values are JSON, or else text."""
    result: dict[str, Any] = {}
    for pair in pairs:
        name, found, value = pair.partition("=")
        if not found:
            raise InvalidInputError(f"A setting is given as name=value, not as {pair!r}.")
        group = result
        *groups, key = name.strip().split(".")
        for part in groups:
            group = group.setdefault(part, {})
            if not isinstance(group, dict):
                raise InvalidInputError(f"The setting {part} is given as a whole and in part ({pair!r}). Give it once.")
        try:
            group[key] = json.loads(value)
        except ValueError:
            group[key] = value
    return result
