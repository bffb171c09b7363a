"""Tables as text: CSV with comma, semicolon, tab or bar, in UTF-8, UTF-16 or the encodings of western Windows."""

import csv
import io
import re
from itertools import takewhile

from backend.ml.data.label_tables.cells import MAX_ROWS, Cells, made
from backend.ml.data.label_tables.encodings import decode, note_on
from backend.ml.data.label_tables.headers import below_titles, empty_repeats
from backend.ml.data.label_tables.units_row import without_units
from backend.ml.errors import LabelTableError

_MARKS = ",;\t|"
_JSON = re.compile(r"\s*(?:\[\s*)?\{\s*\"")
_MARKDOWN = re.compile(r"\s*\|[^\n]*\|\s*\n\s*\|[\s:|-]+\|")
_EXCELS_OWN = re.compile(r"\s*sep=(.)\s*")  # a first line by which Excel is told the separator


def read_text(data: bytes) -> Cells:
    """Return the cells of a table in text. Raises LabelTableError, naming the line and what to do."""
    text = decode(data)
    what = "JSON" if _JSON.match(text) else "a table in Markdown" if _MARKDOWN.match(text) else ""
    if what:
        raise LabelTableError(f"This is {what}, not CSV. Save the table as CSV, with a line that names the columns.")
    first, _, rest = text.partition("\n")
    own = _EXCELS_OWN.fullmatch(first.rstrip("\r"))
    if own:
        text = rest
    try:
        delimiter = own[1] if own else _delimiter(text)
        lines = [
            [cell.strip() for cell in line] for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except (csv.Error, ValueError) as error:
        raise LabelTableError(f"The table of labels cannot be read as CSV: {error}. Save it again as CSV.") from None
    while lines and not any(lines[0]):
        lines.pop(0)
    if not lines:
        raise LabelTableError("The table of labels is empty. It needs a header such as 'file_name,label' and rows.")
    if len(lines) > MAX_ROWS + 1:
        raise LabelTableError(f"The table has {len(lines) - 1:,} rows; at most {MAX_ROWS:,} are taken. Part it.")
    (header, *body), notes = below_titles(lines)
    rows = _even(header, body, delimiter)
    repeats = empty_repeats(header, rows)
    header, units = without_units(header, rows)
    return made(header, rows, "csv", (*note_on(text), *notes, *repeats, *units))


def _even(header: list[str], body: list[list[str]], delimiter: str) -> list[list[str]]:
    """Return rows as long as the header; empty cells beyond it, as spreadsheets leave them, do not count."""
    width = len(header)
    for number, line in enumerate(body, start=1):
        if len(line) == width:
            continue
        if not any(line):
            body[number - 1] = [""] * width
        elif len(line) > width and not any(line[width:]):
            body[number - 1] = line[:width]
        else:
            if len([cell for cell in line if cell]) == 1 and width > 1:
                raise LabelTableError(
                    f"Row {number} of the table has only {line[0][:60]!r}, the header has {width} columns. Delete the "
                    "line if it is a remark, or fill in its cells."
                )
            raise LabelTableError(
                f"Row {number} of the table has {len(line)} cells, the header has {width}. Put a value with "
                f"{delimiter!r} in it into quotation marks."
            )
    while body and not any(body[-1]):
        body.pop()
    return body


def _delimiter(text: str) -> str:
    """Return the mark that divides the first lines alike into most cells; a label may hold the other marks.

    Where two do, the comma is that of decimals and of names such as "LVEF, %", and the bar that between labels.
    """
    first = text.lstrip()[:65536].splitlines()[:50]
    titles = list(takewhile(lambda line: not any(mark in line for mark in _MARKS), first))
    first = first[len(titles) :] or first

    def fit(mark: str) -> tuple[float, int, int]:
        sizes = [len(line) for line in csv.reader(first, delimiter=mark) if any(line)]
        if not sizes or sizes[0] < 2:
            return 0.0, 0, int(mark == ",")
        return sizes.count(sizes[0]) / len(sizes), sizes[0], "|,\t;".index(mark)

    return max(_MARKS, key=fit)
