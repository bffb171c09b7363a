"""Texts that go with a model: do they name a file, a path, or a patient?"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

_ENDINGS: Final = (
    "dat|hea|atr|mat|csv|tsv|xlsx?|npy|npz|edf|bdf|dcm|xml|scp|ecg|mwf|mfer|hl7|aecg|json|parquet|pdf|zip|ishne|txt"
)
_PATTERNS: Final = (
    (re.compile(r"(?i)(?:^|[\s\"'(])(?:file://|[a-z]:\\|\\\\|~/|/(?:home|users|mnt|media|data|tmp|var|srv|root)/)\S*"),
     "names a folder or a file of a machine"),
    (re.compile(rf"(?i)[\w%-][\w.%-]*\.(?:{_ENDINGS})(?!\w|\.\w)"), "names a file"),
    (re.compile(r"(?i)\b(?:patient(?:en)?|pat|mrn|case|subject|recording|record|ecg|ekg|fall|proband)s?"
                r"[\s._-]*(?:id|no|nr|number|nummer|name|#)?[\s.:=#_-]*\w{0,3}\d{4,}\b"),
     "seems to name a patient or a recording by number"),
    (re.compile(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "holds an identifier (UUID)"),
    (re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])"), "holds an identifier (32 hexadecimal digits)"),
    (re.compile(r"(?i)\b(?:born|geb(?:oren)?\.?|d\.?o\.?b\.?|date of birth|geburtsdatum)\b\W{0,3}(?:on|am)?\W{0,2}\d"),
     "holds a date of birth"),
)  # fmt: skip
_LONGEST: Final = 100_000


def in_text(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (place, reason) for each text that names a file, a path or a patient; the found words are not repeated."""
    for place, text in texts.items():
        for pattern, why in _PATTERNS:
            if pattern.search(text[:_LONGEST]):
                yield place, f"the text {why}. Describe groups, not single files or patients."
                break


def strings_of(data: object, place: str) -> Iterator[tuple[str, str]]:
    """Yield (place, text) of all texts in JSON, keys included."""
    waiting: list[tuple[str, object]] = [(place, data)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, str):
            yield where, value
        elif isinstance(value, Mapping):
            for key, item in value.items():
                yield where, str(key)
                waiting.append((f"{where}.{str(key)[:40]}", item))
        elif isinstance(value, list | tuple):
            waiting += [(where, item) for item in value]
