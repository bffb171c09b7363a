"""Quoted cells of a text table, as RFC 4180 allows them: a separator within quotation marks separates nothing."""

import re

from backend.ecg.errors import UnreadableFileError

_LOOK = 65536
_QUOTED = re.compile(rb'"((?:[^"\n]|"")*)"')
_HIDES = re.compile(rb'"[^"\n]*[,;\t][^"\n]*"')
_COMMA_NUMBER = re.compile(rb"\s*[+-]?(\d*),(\d+)(?:[eE][+-]?\d+)?\s*")
_SEPARATORS = re.compile(rb"[,;\t]")


def unquoted(text: bytes) -> bytes:
    """Return the text of a table so that each separator separates: a decimal comma in quotes becomes a point.

    Raises UnreadableFileError where a comma in quotes may separate thousands as well.
    """
    if not _HIDES.search(text[:_LOOK]):
        return text
    if _may_be_thousands(text):
        raise UnreadableFileError(
            'numbers such as "1,234" may have a decimal comma or a comma between thousands. Export the table with '
            "decimal points and without thousands separators."
        )

    def plain(match: re.Match[bytes]) -> bytes:
        cell = match[1]
        return cell.replace(b",", b".") if _COMMA_NUMBER.fullmatch(cell) else _SEPARATORS.sub(b" ", cell)

    return _QUOTED.sub(plain, text)


def _may_be_thousands(text: bytes) -> bool:
    """Whether every number with a comma has three digits after it and one to three, not zero, before it."""
    numbers = [match for cell in _QUOTED.findall(text[:_LOOK]) if (match := _COMMA_NUMBER.fullmatch(cell))]
    return bool(numbers) and all(
        len(match[2]) == 3 and 1 <= len(match[1]) <= 3 and not match[1].startswith(b"0") for match in numbers
    )
