"""Tables of numbers in text: bytes to a float array, fast where the text is regular and exact about where it is not."""

import math
import re
import threading
from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import LimitError, UnreadableFileError
from backend.ecg.readers.decimals import NUMBER

_PIECE = 96_000  # bytes parsed at a time
_DIGITS = b"0123456789+-.eE \r"
NO_VALUE = frozenset(("", "nan", "na", "n/a", "#n/a", "null", "none", "-", "--", "?"))
_BLANKS = re.compile(r"[ \t]+")
_PLAIN = re.compile(r"[0-9+\-.,;eE \t\r]*")
_local = threading.local()  # one parser a thread: it keeps its buffers


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written: `separator` is "," ";" tab, or " " for any run of blanks; `decimal` is "." or ","."""

    separator: str
    decimal: str

    def cells(self, line: str) -> list[str]:
        """Split one line into stripped cells without quotation marks."""
        parts = line.split() if self.separator == " " else line.split(self.separator)
        if '"' not in line and "'" not in line:
            return [part.strip() for part in parts]
        return [clean(part) for part in parts]

    def number(self, cell: str) -> float | None:
        """Return the number in a cell, NaN for a spelling of "no value", None for text."""
        plain = cell.replace(",", ".", 1) if self.decimal == "," else cell
        if NUMBER.fullmatch(plain):
            return float(plain)
        return float("nan") if cell.lower() in NO_VALUE else None


def clean(cell: str) -> str:
    """Strip blanks and quotation marks."""
    return cell.strip().strip("\"'").strip()


def sniff(line: str, body: bytes = b"") -> Dialect:
    """Tell separator and decimal mark from one line of numbers, and `body`, all lines of them.

    A comma is the decimal mark where another separator is used and no point appears.
    """
    text = line.strip("\r\n ")
    commas = (b"," in body or "," in text) and not (b"." in body or "." in text)
    for separator in ("\t", ";"):
        if separator in text:
            return Dialect(separator, "," if commas else ".")
    if "," not in text:
        return Dialect(" ", "," if commas else ".")
    pieces = text.split()
    if len(pieces) > 1 and commas and all(re.fullmatch(r"[+-]?[0-9]+(,[0-9]+)?|\w+", piece) for piece in pieces):
        return Dialect(" ", ",")
    return Dialect(",", ".")


def fast_numbers(body: bytes, dialect: Dialect, columns: int, most: int) -> NDArray[np.float64] | None:
    """Return (rows, columns) where every line is plain JSON numbers, else None: the careful way has to look.

    A SIMD parser takes the text in pieces that fit the cache; a second pass over the separators checks that every
    line has the same cells. Empty cells and blank lines are left to the careful way. Raises LimitError.
    """
    import simdjson

    blanks = dialect.separator == " "
    separator = b"," if blanks else dialect.separator.encode()
    row = separator * (columns - 1) + b"\n"
    body = body.strip(b" \r\n")
    # Whether each line ends with a separator.
    closing = not blanks and body[: body.find(b"\n")].rstrip(b"\r ").endswith(separator)
    if not hasattr(_local, "parser"):
        _local.parser = simdjson.Parser()
    blocks: list[NDArray[np.float64]] = []
    start = rows = 0
    while start < len(body):
        end = body.find(b"\n", start + _PIECE) + 1 or len(body)
        piece = body[start:end].rstrip(b"\r\n")
        start = end
        if closing:
            piece = (piece + b"\n").replace(separator + b"\r\n", b"\n").replace(separator + b"\n", b"\n")[:-1]
        if dialect.decimal == ",":
            piece = piece.replace(b",", b".")
        if blanks:
            piece = _single_commas(piece)
        marks = piece.translate(None, _DIGITS) + b"\n"
        lines = len(marks) // len(row)
        rows += lines
        if rows * columns > most:
            raise LimitError(f"more than {most:,} numbers. Split the file.")
        if marks != row * lines:
            return None
        if separator != b",":
            piece = piece.replace(separator, b",")
        try:
            # The parsed value must be gone before the parser is used again, so it gets no name.
            block = np.frombuffer(
                _local.parser.parse(b"[" + piece.replace(b"\n", b",") + b"]").as_buffer(of_type="d"), np.float64
            )
        except (ValueError, TypeError, RuntimeError):
            return None
        if block.size != lines * columns:
            return None
        blocks.append(block.reshape(lines, columns))
    if len(body) > 16 * _PIECE:
        del _local.parser  # a long line may have made it large
    return np.concatenate(blocks) if blocks else None


def _single_commas(piece: bytes) -> bytes:
    """Turn each run of blanks within the lines of a piece into one comma; those at either end of a line go."""
    piece = piece.replace(b"\r", b"")
    while b"  " in piece:
        piece = piece.replace(b"  ", b" ")
    return piece.replace(b" \n", b"\n").replace(b"\n ", b"\n").strip(b" ").replace(b" ", b",")


def careful_numbers(
    text: str, dialect: Dialect, first_line: int, skip: int, most: int, whole: bool = False
) -> NDArray[np.float64]:
    """Return (rows, columns) of any table, NaN for empty cells; blank lines do not count.

    `first_line` is the number of the first line in the file, for messages; `skip` cells of each line, which are
    texts, have been taken out. A separator at the end of a line closes it, unless lines are `whole`. Raises
    UnreadableFileError naming line and column of text or of a line with another number of cells; LimitError.
    """
    values = array("d")
    columns = trailing = 0
    separator = None if dialect.separator == " " else dialect.separator
    for number, line in enumerate(text.split("\n"), first_line):
        if not line.strip(" \r"):
            continue
        cells = line.split(separator)
        if not columns:
            trailing = not whole and not cells[-1].strip() and len(cells) > 1
            columns = len(cells) - trailing
        if trailing and not cells[-1].strip() and len(cells) == columns + 1:
            cells.pop()
        if len(cells) != columns:
            raise UnreadableFileError(
                f"line {number} has {len(cells) + skip} cells, the lines before have {columns + skip}. "
                "Correct the line, or export the table again."
            )
        plain = _plain_numbers(cells) if dialect.decimal == "." and _PLAIN.fullmatch(line) else None
        values.extend(plain or _careful_line(cells, dialect, number, skip))
        if len(values) > most:
            raise LimitError(f"more than {most:,} numbers. Split the file.")
    return np.frombuffer(values, np.float64).reshape(-1, columns) if values else np.empty((0, 0))


def _plain_numbers(cells: list[str]) -> list[float] | None:
    """The cells as numbers where all are, in Python's own spelling; a line has been checked for strange characters."""
    try:
        numbers = list(map(float, cells))
    except ValueError:
        return None
    return None if math.inf in numbers or -math.inf in numbers else numbers


def _careful_line(cells: list[str], dialect: Dialect, number: int, skip: int) -> list[float]:
    values: list[float] = []
    for column, cell in enumerate(cells, skip + 1):
        value = dialect.number(clean(cell))
        if value is None or math.isinf(value):
            raise UnreadableFileError(
                f"line {number}, column {column} holds no readable number. "
                "Correct the cell, leave it empty where there is no value, or remove the column."
            )
        values.append(value)
    return values
