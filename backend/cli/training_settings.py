"""What can be set for a training, as the shell lists it."""

import textwrap
from typing import Any

from backend.ml.training.config import SETTINGS
from backend.ml.training.setting import Setting


def as_json() -> list[dict[str, Any]]:
    """Return every training setting with its default, range, meaning and when it has an effect."""
    return [
        {
            "name": name, "title": entry.title, "default": entry.default, "range": entry.range_text,
            "applies": entry.effect_text, "help": entry.help,
            "choices": {value: choice.title for value, choice in entry.choices.items()},
        }
        for name, entry in SETTINGS.items()
    ]  # fmt: skip


def as_text() -> str:
    """Return the same for people, in lines of at most 100 characters."""
    return "\n\n".join(_paragraph(name, entry) for name, entry in SETTINGS.items())


def _paragraph(name: str, entry: Setting) -> str:
    lines = [
        f"{entry.title}. {entry.help}",
        f"Default: {entry.default_text}. Range: {entry.range_text}.",
        f"Applies {entry.effect_text}.",
        *(f"- {value}: {choice.title}. {choice.help}".rstrip() for value, choice in entry.choices.items()),
    ]
    return "\n".join([name, *(textwrap.indent(textwrap.fill(line, 96), "    ") for line in lines)])
