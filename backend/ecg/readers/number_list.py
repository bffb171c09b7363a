"""Lists of numbers in the text of XML and JSON files: samples separated by blanks or commas."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import LimitError, UnreadableFileError
from backend.ecg.readers.halves import are_halves

Samples = NDArray[np.integer] | NDArray[np.floating]

ABSENT = -(2**62)  # stands for a missing sample among integers
_PIECE = 1 << 20  # characters split at a time: a list of words takes much more memory than its text
_LARGEST = 2**53
_BLANKS = bytes.maketrans(b"\t\r\n,", b"    ")
_BLANK = re.compile(r"[\s,]")
_DECIMAL_COMMAS = re.compile(r"\s*(?:[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?(?:\s+|$))+")
_SPACE = re.compile(r"\s")
_ONE_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
_TWO_MEANINGS = (
    "a list of samples has commas that may be decimal or may separate. Export the recording with decimal points, or "
    "with blanks between the samples."
)
_HALF_BLANK = re.compile(r"\s,|,\s")


def numbers(text: str, most: int, no_value: frozenset[str] = frozenset()) -> Samples:
    """Return the numbers of a list as int64 (n,), or as float64 where one has decimals.

    Separators are blanks, line ends and commas; one comma at the end is none too many. Where blanks separate, or commas
    with a blank, and commas stand within the numbers, they are decimal commas. The words `no_value` stand for a missing
    sample: ABSENT among integers, else NaN. Raises UnreadableFileError for other text, for empty places, and where each
    number may have been cut at its decimal comma; LimitError beyond `most`.
    """
    if "," in text and b",," in text.encode("utf-8", "replace").translate(None, b" \t\r\n"):
        raise UnreadableFileError("a list of samples has empty places. Export the recording again.")
    if "_" in text:  # int() would take 1_000 for a number
        raise UnreadableFileError("a list of samples holds text. Export the recording again.")
    if _has_decimal_commas(text):
        text = text.replace(",", ".")
    elif "," in text:
        text = _without_doubtful_commas(text)
    plain = _plain_integers(text, most)
    if plain is not None:
        return plain
    parts: list[Any] = []
    count = 0
    for piece in _pieces(text):
        tokens = piece.replace(",", " ").split()
        count += len(tokens)
        if count > most:
            raise LimitError(f"more than {most:,} samples a lead. Split the recording.")
        parts.append(_parsed(tokens, no_value))
    if len({part.dtype for part in parts}) > 1:
        parts = [as_floats(part) for part in parts]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def as_floats(samples: Samples) -> NDArray[np.float64]:
    """Return the samples as float64, NaN where ABSENT."""
    values = samples.astype(np.float64)
    values[values == ABSENT] = np.nan
    return values


def _has_decimal_commas(text: str) -> bool:
    """Whether each comma stands within a number, and blanks alone separate: "12,0 14 13,5", and not "12,14,13 15"."""
    if "," not in text or not re.search(r"\d\s+[-+]?\d", text) or _HALF_BLANK.search(text):
        return False
    return all(_DECIMAL_COMMAS.fullmatch(piece) for piece in _pieces(text, between=_SPACE))


def _without_doubtful_commas(text: str) -> str:
    """Return a list with points for its decimal commas where ", " separates, as in "12,0, 14,5"; else as it is.

    Raises UnreadableFileError where commas may be both and nothing tells which.
    """
    head = text[:_PIECE]
    spaced = [cell.strip() for cell in head.split(", ")][: None if len(head) == len(text) else -1]
    spaced = [cell for cell in spaced if cell]
    within = sum(_ONE_COMMA.fullmatch(cell) is not None for cell in spaced)
    if len(spaced) > 1 and within and all(_ONE_COMMA.fullmatch(cell) or cell.count(",") == 0 for cell in spaced):
        if 2 * within < len(spaced):
            raise UnreadableFileError(_TWO_MEANINGS)
        return text.replace(", ", "\n").replace(",", ".")
    tokens = _BLANK.sub(" ", head).split()[: None if len(head) == len(text) else -1]
    if len(tokens) % 2 == 0 and "." not in head and are_halves(tokens[::2], tokens[1::2]):
        raise UnreadableFileError(_TWO_MEANINGS)
    return text


def _plain_integers(text: str, most: int) -> NDArray[np.int64] | None:
    """The fast way for nothing but integers and blanks, None for anything else: it takes a lone sign for a number."""
    if not text.isascii():
        return None
    plain = text.encode().translate(_BLANKS)
    signs = plain.count(b"-")
    if plain.translate(None, b"0123456789- ") or plain.count(b" ") > 2 * most:
        return None
    if plain.count(b" -") + plain.startswith(b"-") != signs or b"- " in plain or plain.endswith(b"-"):
        return None
    if not plain.strip():
        return np.empty(0, np.int64)
    values = np.fromstring(plain.decode(), np.int64, sep=" ")
    return values if values.size <= most and np.abs(values).max() < _LARGEST else None


def _pieces(text: str, between: re.Pattern[str] = _BLANK) -> Iterator[str]:
    start = 0
    while start < len(text):
        cut = between.search(text, start + _PIECE)
        end = cut.start() if cut else len(text)
        yield text[start:end]
        start = end


def _parsed(tokens: list[str], no_value: frozenset[str]) -> Samples:
    if no_value.intersection(tokens):
        tokens = [str(ABSENT) if token in no_value else token for token in tokens]
    try:
        return np.array(tokens, np.int64)
    except (ValueError, OverflowError):
        pass
    try:
        return as_floats(np.array(tokens, np.float64))
    except ValueError as error:
        raise UnreadableFileError("a list of samples holds text. Export the recording again.") from error
