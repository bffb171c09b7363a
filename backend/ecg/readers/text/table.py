"""A text file taken apart into the lines before the table, the names of its columns or rows, its numbers and texts."""

import re

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers.column_names import AGES, LABELS, PATIENT_IDS, RECORD_IDS, SEXES, plain_name
from backend.ecg.readers.columns import Table
from backend.ecg.readers.text.commas import refuse_doubtful_commas, spaced
from backend.ecg.readers.text.header import find_names, leads_in, names_last
from backend.ecg.readers.text.numbers import Dialect, careful_numbers, fast_numbers, sniff
from backend.ecg.readers.text.quotes import unquoted
from backend.ecg.readers.time_column import is_time

_LOOK = 4096  # characters of a line that are looked at to tell what it is
_HEAD_LINES = 200  # lines that may stand before the numbers
_DOUBTED, _DOUBTED_LINES = 1 << 18, 4096  # bytes and lines in which commas and points are looked at closely
_EMPTY_LINE = re.compile(rb"\n(?:[ \t]*\r?\n)+")
_BLOCK = 100  # rows before and behind an empty line that may be a recording each
_COMMENT = re.compile(r"^\s*(?:#+|%+|//+)\s?")
_ROW_VALUES = 8  # numbers after a name that make a line a named row
_IDS = RECORD_IDS | PATIENT_IDS
_SAID = LABELS | AGES | SEXES  # columns of texts that say one thing of a whole recording


def to_utf8(data: bytes) -> bytes:
    """Return the text without a byte order mark; UTF-16 as UTF-8. Raises UnreadableFileError for broken UTF-16."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16").encode()
        except UnicodeError as error:
            raise UnreadableFileError(f"the UTF-16 text is damaged ({error}). Save it again as UTF-8.") from error
    return data.removeprefix(b"\xef\xbb\xbf")


def find_numbers(text: bytes) -> tuple[int, int, tuple[int, ...]] | None:
    """Return where the numbers start (offset and line number, from 1) and which cells of each line are texts.

    None where no line of numbers is found among the first lines.
    """
    start = 0
    before: list[list[str]] = []  # the cells of the two lines before, which may name columns
    for number in range(1, _HEAD_LINES + 1):
        end = _line_end(text, start)
        line = decode(text[start : min(end, start + _LOOK)])
        texts = _text_cells(line, end - start > _LOOK, before)
        if texts is not None:
            return start, number, texts
        if line.strip():
            before = [*before[-1:], sniff(line).cells(_COMMENT.sub("", line))]
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
    text = spaced(unquoted(text))
    found = find_numbers(text)
    if found is None:
        raise UnreadableFileError("no line of numbers was found. Export the signals as a table, one column a lead.")
    start, first_line, places = found
    body = text[start:]
    texts: list[tuple[str, ...]] = []
    if places:
        texts, body = _without_texts(body, places)
    first = decode(body[: _line_end(body, 0)])
    dialect = sniff(first, body)
    head = [(number, _COMMENT.sub("", line)) for number, line in enumerate(decode(text[:start]).split("\n"), 1)]
    head = [(number, line) for number, line in head if line.strip()]
    whole = names_last(head, dialect, len(dialect.cells(first)) + len(places))
    values = _values(body, first, dialect, first_line, len(places), most, whole)
    if texts and any(len(column) != len(values) for column in texts):
        raise UnreadableFileError(
            f"{len(texts[0])} named lines hold {len(values)} lines of numbers. Export the table again."
        )
    names = find_names(head, dialect, values.shape[1], places)
    few = [line for line in decode(body[:_DOUBTED]).split("\n")[:_DOUBTED_LINES] if line.strip(" \r")]
    by_row = values.shape[1] > len(values)
    few = few[:-1] if len(body) > _DOUBTED and len(few) > 1 else few
    refuse_doubtful_commas(few, dialect.separator, None if names.columns is None else len(names.columns), by_row)
    rows = None
    if places == (0,) and (names.columns is None or leads_in(texts[0]) > 1 >= leads_in(names.columns)):
        rows, texts = texts[0], []
    if names.gaps and not places:
        values = np.concatenate([np.full((names.gaps, values.shape[1]), np.nan), values])
    notes: tuple[str, ...] = ()
    if names.columns is None and not places and _counts(values[0]) and len(values) > 1 and values.shape[1] > 1:
        values, notes = values[1:], ("The first line numbers the columns and was not read as samples.",)
    named_texts = tuple(zip(names.texts or ("",) * len(texts), texts, strict=True)) if texts else ()
    parted = _is_parted(body)
    return Table(values, names.columns, rows, names.units, tuple(names.others), notes, named_texts, parted)


def _line_end(text: bytes, start: int) -> int:
    end = text.find(b"\n", start)
    return len(text) if end < 0 else end


def _text_cells(line: str, cut: bool, before: list[list[str]]) -> tuple[int, ...] | None:
    """Return the places of texts in a line of numbers, None for another line; `before` are the cells of lines before.

    The first cell may be any text, others only times and what the header calls an identifier or a label. Identifiers
    are texts also where the first of them is a number.
    """
    dialect = sniff(line)
    cells = dialect.cells(line)
    if cut:
        cells.pop()
    if cells and cells[-1] == "":
        cells.pop()
    numbers = [dialect.number(cell) for cell in cells]
    names = [[plain_name(cell) for cell in head] for head in before if len(head) == len(cells)]
    ids = {place for head in names for place, name in enumerate(head) if name in _IDS}
    texts = tuple(place for place, number in enumerate(numbers) if number is None or place in ids)
    # Rows of "nan" are samples too; rows of nothing but separators may be decoration.
    real = sum(
        number is not None and place not in texts and (number == number or cells[place].lower() == "nan")
        for place, number in enumerate(numbers)
    )
    if not real or (texts and real < 2):
        return None
    if texts:
        named = {place for head in names for place, name in enumerate(head) if name in _SAID} | ids
        known = all(is_time(cells[place]) or place in named for place in texts)
        return texts if known or (texts == (0,) and real >= _ROW_VALUES) else None
    if len(numbers) > 2 and cells[0] == "" and _counts(np.array(numbers[1:])):
        return None  # the header of a table with an index: an empty cell, then 0, 1, 2, ...
    return () if real > 1 else None


def _is_parted(body: bytes) -> bool:
    """Whether empty lines stand between blocks of many rows each, and not between all of them."""
    if not _EMPTY_LINE.search(body):
        return False
    blocks = [block.strip().count(b"\n") + 1 for block in _EMPTY_LINE.split(body) if block.strip()]
    return len(blocks) > 1 and min(blocks) >= _BLOCK


def _counts(row: NDArray[np.float64]) -> bool:
    """Whether a line is 0, 1, 2, ... or 1, 2, 3, ..."""
    return bool(row[0] in (0, 1) and np.array_equal(row, np.arange(row.size) + row[0]))


def _without_texts(body: bytes, places: tuple[int, ...]) -> tuple[list[tuple[str, ...]], bytes]:
    """Return the columns of texts, and the lines without them; blank lines stay, so that lines can be counted."""
    lines = decode(body).split("\n")
    separator = sniff(lines[0]).separator
    joint = " " if separator == " " else separator
    columns: list[list[str]] = [[] for _ in places]
    rest: list[str] = []
    for line in lines:
        if not line.strip(" \r"):
            rest.append("")
            continue
        cells = line.strip("\r").split(None if separator == " " else separator)
        for column, place in zip(columns, places, strict=True):
            column.append(cells[place].strip().strip("\"'").strip() if place < len(cells) else "")
        rest.append(joint.join(cell for place, cell in enumerate(cells) if place not in places))
    return [tuple(column) for column in columns], "\n".join(rest).encode()


def _values(
    body: bytes, first: str, dialect: Dialect, first_line: int, texts: int, most: int, whole: bool
) -> NDArray[np.float64]:
    """Return the numbers; `whole` is whether an empty last cell is one without a value, as the header names it."""
    cells = dialect.cells(first)
    columns = len(cells) - (len(cells) > 1 and cells[-1] == "" and not whole)
    values = fast_numbers(body, dialect, columns, most)
    return careful_numbers(decode(body), dialect, first_line, texts, most, whole) if values is None else values
