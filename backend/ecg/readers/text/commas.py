"""What a comma or a point in the numbers of a table means: a decimal mark, a separator, or one between thousands."""

import re
from collections import defaultdict

from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers.halves import are_halves

_LOOK = 65536
_SPACED = re.compile(rb"(?:[+-]?\d+(?:,\d+)?(?:[eE][+-]?\d+)?|[A-Za-z][^,\n]{0,30})")
_INNER = re.compile(rb"[+-]?\d+,\d+")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*")
_SMALL = re.compile(r"[+-]?\d{1,3}")
_MARKED = re.compile(r"[.,]")
_SIGNS = tuple(bytes([one]) for one in b"+-0123456789")
_FEWEST = 3  # such numbers in a column


def spaced(text: bytes) -> bytes:
    """Return a table in which ", " separates and a comma alone is decimal ("0,12, 0,5") with ";" between its cells.

    Raises UnreadableFileError where only some of its numbers have a comma within, so that either may be meant.
    """
    lines = [line.strip() for line in text[:_LOOK].split(b"\n")][:200]
    within = total = 0
    for line in lines:
        cells = line.split(b", ")
        if len(cells) < 2 or b"." in line or not all(_SPACED.fullmatch(cell.strip()) for cell in cells):
            continue
        numbers = [cell for cell in cells if cell.strip()[:1] in _SIGNS]
        if len(numbers) < 2:
            continue  # a line of words above the table, with a number in it
        total += len(numbers)
        within += sum(_INNER.match(cell.strip()) is not None for cell in numbers)
    if not within:
        return text
    if 2 * within < total:
        raise UnreadableFileError(
            "some of its numbers have commas within and commas with a blank between. Export the table with semicolons "
            "between the columns, or with decimal points."
        )
    return re.sub(rb", +", b";", text)


def refuse_doubtful_commas(lines: list[str], separator: str, names: int | None, by_row: bool) -> None:
    """Raise UnreadableFileError where the numbers of `lines` may be cut or joined at the wrong commas or points.

    `names` is how many columns the header names, None without one; `by_row` whether each line is one lead.
    """
    rows = [line.split(None if separator == " " else separator) for line in lines]
    if separator == ",":
        _refuse_halves(rows, names, by_row)
    _refuse_thousands(rows)


def _refuse_halves(rows: list[list[str]], names: int | None, by_row: bool) -> None:
    rows = [[cell.strip() for cell in row] for row in rows]
    width = len(rows[0]) if rows else 0
    if names == width or width < 4 or width % 2 or any("." in cell for row in rows for cell in row):
        return
    if by_row:
        found = any(are_halves(row[::2], row[1::2]) for row in rows if len(row) == width)
    else:
        columns = list(zip(*(row for row in rows if len(row) == width), strict=True))
        pairs = [are_halves(columns[i], columns[i + 1], in_time=False) for i in range(0, width, 2)]
        unsigned = all(cell.isdecimal() for column in columns[1::2] for cell in column)
        found = unsigned and any(pairs)
    if found:
        raise UnreadableFileError(
            "its numbers seem to have decimal commas between separating commas, which cannot be told apart. Export the "
            "table with semicolons between the columns, or with decimal points."
        )


def _refuse_thousands(rows: list[list[str]]) -> None:
    """Refuse a column of whole numbers in which all above 999 have a mark: 561 and 1.234 are no decimals."""
    columns: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        for place, cell in enumerate(row):
            columns[place].append(cell.strip().strip("\"'"))
    for cells in columns.values():
        marked = [cell for cell in cells if _MARKED.search(cell)]
        if len(marked) < _FEWEST or not all(map(_THOUSANDS.fullmatch, marked)):
            continue
        if sum(_SMALL.fullmatch(cell) is not None for cell in cells) >= _FEWEST:
            raise UnreadableFileError(
                f"numbers such as '{marked[0]}' beside whole ones may have a mark between thousands. Export the table "
                "without thousands separators."
            )
