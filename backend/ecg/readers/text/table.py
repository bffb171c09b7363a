"""A text file taken apart into the lines before the table, the names of its columns or rows, and its numbers."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import canonical_lead
from backend.ecg.readers.text.numbers import Dialect, careful_numbers, fast_numbers, sniff
from backend.ecg.readers.units import millivolts, seconds, split_unit

_LOOK = 4096  # characters of a line that are looked at to tell what it is
_HEAD_LINES = 200  # lines that may stand before the numbers
_COMMENT = re.compile(r"^\s*(?:#+|%+|//+)\s?")
_ROW_VALUES = 8  # numbers after a name that make a line a named row


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers (rows, columns) with the names of columns or rows, units of columns, and other lines before them."""

    values: NDArray[np.float64]
    columns: tuple[str, ...] | None
    rows: tuple[str, ...] | None
    units: tuple[str, ...] | None
    preamble: tuple[str, ...]
    notes: tuple[str, ...]


def to_utf8(data: bytes) -> bytes:
    """Return the text without a byte order mark; UTF-16 as UTF-8. Raises UnreadableFileError for broken UTF-16."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16").encode()
        except UnicodeError as error:
            raise UnreadableFileError(f"the UTF-16 text is damaged ({error}). Save it again as UTF-8.") from error
    return data.removeprefix(b"\xef\xbb\xbf")


def find_numbers(text: bytes) -> tuple[int, int, bool] | None:
    """Return where the numbers start (offset and line number, from 1) and whether each line starts with a name.

    None where no line of numbers is found among the first lines.
    """
    start = 0
    for number in range(1, _HEAD_LINES + 1):
        end = _line_end(text, start)
        kind = _kind(decode(text[start : min(end, start + _LOOK)]), cut=end - start > _LOOK)
        if kind is not None:
            return start, number, kind == "named"
        start = end + 1
        if start >= len(text):
            return None
    return None


def decode(text: bytes) -> str:
    """Decode as UTF-8, or as Latin-1 where it is not."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def read_table(data: bytes, most: int) -> Table:
    """Read a table of at most `most` numbers. Raises UnreadableFileError naming the line, LimitError."""
    text = to_utf8(data)
    if b"\n" not in text and b"\r" in text:
        text = text.replace(b"\r", b"\n")
    found = find_numbers(text)
    if found is None:
        raise UnreadableFileError("no line of numbers was found. Export the signals as a table, one column a lead.")
    start, first_line, named = found
    body = text[start:]
    first = decode(body[: _line_end(body, 0)])
    dialect = sniff(first.split(None, 1)[-1] if named else first, body)
    rows, values = _values(body, first, dialect, first_line, named, most)
    head = [(number, _COMMENT.sub("", line)) for number, line in enumerate(decode(text[:start]).split("\n"), 1)]
    head = [(number, line) for number, line in head if line.strip()]
    columns, units, preamble, gaps = _names(head, dialect, values.shape[1], rows is not None)
    if gaps and rows is None:
        values = np.concatenate([np.full((gaps, values.shape[1]), np.nan), values])
    notes: tuple[str, ...] = ()
    if columns is None and rows is None and _counts(values[0]) and len(values) > 1 and values.shape[1] > 1:
        values, notes = values[1:], ("The first line numbers the columns and was not read as samples.",)
    return Table(values, columns, rows, units, tuple(preamble), notes)


def _line_end(text: bytes, start: int) -> int:
    end = text.find(b"\n", start)
    return len(text) if end < 0 else end


def _kind(line: str, cut: bool) -> str | None:
    """Tell "values" (numbers only), "named" (a name, then many numbers) or None for one line."""
    dialect = sniff(line)
    cells = dialect.cells(line)
    if cut:
        cells.pop()
    if cells and cells[-1] == "":
        cells.pop()
    numbers = [dialect.number(cell) for cell in cells]
    # Rows of "nan" are samples too; rows of nothing but separators may be decoration.
    real = sum(
        number is not None and (number == number or cell.lower() == "nan")
        for number, cell in zip(numbers, cells, strict=True)
    )
    if not real or any(number is None for number in numbers[1:]):
        return None
    if numbers[0] is None:
        return "named" if real >= _ROW_VALUES else None
    if len(numbers) > 2 and cells[0] == "" and _counts(np.array(numbers[1:])):
        return None  # the header of a table with an index: an empty cell, then 0, 1, 2, ...
    return "values" if real > 1 else None


def _counts(row: NDArray[np.float64]) -> bool:
    """Whether a line is 0, 1, 2, ... or 1, 2, 3, ..."""
    return bool(row[0] in (0, 1) and np.array_equal(row, np.arange(row.size) + row[0]))


def _values(
    body: bytes, first: str, dialect: Dialect, first_line: int, named: bool, most: int
) -> tuple[tuple[str, ...] | None, NDArray[np.float64]]:
    """Return the row names (None without) and the numbers."""
    if not named:
        cells = dialect.cells(first)
        columns = len(cells) - (len(cells) > 1 and cells[-1] == "")
        values = fast_numbers(body, dialect, columns, most)
        return None, careful_numbers(decode(body), dialect, first_line, 0, most) if values is None else values
    separator = None if dialect.separator == " " else dialect.separator
    lines = [line.strip(" \r").split(separator, 1) for line in decode(body).split("\n")]
    rows = tuple(line[0].strip().strip("\"'").strip() for line in lines if line and line[0].strip())
    rest = "\n".join(line[1] if len(line) > 1 else "" for line in lines)
    cells = dialect.cells(first)[1:]
    values = fast_numbers(rest.encode(), dialect, len(cells) - (cells[-1] == ""), most)
    if values is None:
        values = careful_numbers(decode(body), dialect, first_line, 1, most)
    if len(values) != len(rows):
        raise UnreadableFileError(
            f"{len(rows)} named lines hold {len(values)} lines of numbers. Export the table again."
        )
    return rows, values


def _names(
    head: list[tuple[int, str]], dialect: Dialect, width: int, named_rows: bool
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None, list[str], int]:
    """Find the line of column names and the line of units among the numbered lines before the numbers.

    Returns them, the other lines, and how many lines of empty cells stand between the names and the numbers.
    """
    table: dict[int, list[str]] = {}
    for index, (_, line) in enumerate(head):
        for separator in dict.fromkeys((dialect.separator, ",", ";", "\t", " ")):
            cells = Dialect(separator, ".").cells(line)
            if len(cells) == width + 1 + named_rows and cells[-1] == "":
                cells.pop()
            if named_rows and len(cells) == width + 1:
                cells = cells[1:]
            elif len(cells) == width - 1 and _leads(cells) > 1:
                cells = ["", *cells]  # as R writes a table with row names
            if len(cells) == width and (separator == dialect.separator or _leads(cells) > 1):
                table[index] = cells
                break
        else:
            cells = re.split(r"[,;\t]", line)
            if _leads(cells) > 2 and not named_rows:
                raise UnreadableFileError(
                    f"the header names {len(cells)} columns, the lines below have {width}. "
                    "Correct the header, or export the table again."
                )
    units = next((i for i, cells in table.items() if _are_units(cells)), None)
    candidates = [i for i in table if i != units and any(table[i])]
    names = max(candidates, key=lambda i: (_leads(table[i]), i), default=None)
    for index in set(table) - {names, units}:
        _refuse_samples(head[index][0], table[index], dialect)
    gaps = [i for i, cells in table.items() if names is not None and i > names and not any(cells)]
    preamble = [line.strip() for i, (_, line) in enumerate(head) if i not in (names, units, *gaps)]
    return (
        None if names is None else tuple(table[names]),
        None if units is None else tuple(table[units]),
        preamble,
        len(gaps),
    )


def _refuse_samples(number: int, cells: list[str], dialect: Dialect) -> None:
    """Refuse a line of numbers with text among them: left out, it would be a sample lost."""
    texts = [i for i, cell in enumerate(cells) if dialect.number(cell) is None]
    if texts and 2 * len(texts) < len(cells):
        raise UnreadableFileError(f"line {number}, column {texts[0] + 1} holds no readable number. Correct the cell.")


def _leads(cells: list[str]) -> int:
    return sum(canonical_lead(split_unit(cell.strip().strip("\"'"))[0]) is not None for cell in cells)


def _are_units(cells: list[str]) -> bool:
    said = [cell.strip("()[] ") for cell in cells if cell.strip("()[]- ")]
    return bool(said) and all(millivolts(unit) is not None or seconds(unit) is not None for unit in said)
