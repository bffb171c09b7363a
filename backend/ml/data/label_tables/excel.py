"""Excel workbooks (.xlsx): the first sheet that holds a table, read-only; formulas as the values last computed."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from backend.ml.data.label_tables.cells import MAX_CELL, Cells, check_size, made
from backend.ml.data.label_tables.columns import RECORDING_NAMES, named
from backend.ml.data.label_tables.headers import below_titles, empty_repeats
from backend.ml.data.label_tables.merged import fill_down
from backend.ml.data.label_tables.units_row import without_units
from backend.ml.errors import LabelTableError

MAX_ENTRIES = 2000
MAX_BYTES = 512 << 20  # of all parts of the workbook, expanded; Python's zip reader hands out no more than is stated
MAX_RATIO = 200  # expanded bytes a packed byte, for parts beyond 1 MiB
_ZEROS = re.compile(r"0{2,20}")  # a number format that shows 17 as 00017


def read_workbook(data: bytes) -> Cells:
    """Return the cells of the first sheet with a table in it. Raises LabelTableError."""
    from openpyxl import load_workbook  # with defusedxml beside it, which it then uses

    _check_parts(data)
    try:
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        filled = [(sheet, rows) for sheet in workbook.worksheets if (rows := _table(sheet, data))]
    except LabelTableError:
        raise
    except Exception as error:  # noqa: BLE001 - openpyxl raises nearly anything on a damaged workbook
        raise LabelTableError(
            f"The Excel workbook cannot be read ({type(error).__name__}). Save it again, or save the table as CSV."
        ) from None
    if not filled:
        raise LabelTableError("The Excel workbook is empty. It needs a header such as 'file_name,label' and rows.")
    sheet, lines, titles = _chosen(filled)
    header, *body = lines
    others = [one for one, _ in filled if one is not sheet]
    width = max(index for index, name in enumerate(header, start=1) if name)
    for number, row in enumerate(body, start=1):
        if any(row[width:]):
            raise LabelTableError(
                f"Row {number} of the sheet {sheet.title!r} has a cell beyond the last named column. Name each column "
                "in the first line."
            )
    rows = [row[:width] + [""] * (width - len(row)) for row in body]
    header = header[:width]
    notes = [*titles, *empty_repeats(header, rows)]
    header, units = without_units(header, rows)
    notes += units
    if others:
        left = ", ".join(repr(one.title) for one in others)
        notes.append(f"Read from the sheet {sheet.title!r}; left out: {left}.")
    return made(header, rows, "xlsx", notes)


def _chosen(filled: list[tuple[Any, list[list[str]]]]) -> tuple[Any, list[list[str]], tuple[str, ...]]:
    """Return the first sheet that names recordings, or else the first, its lines from the names on, and a note."""
    below = [(sheet, *below_titles(lines)) for sheet, lines in filled]
    return next((one for one in below if named(one[1][0], RECORDING_NAMES)), below[0])


def _check_parts(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise LabelTableError("The file is a damaged Excel workbook. Save it again, or save it as CSV.") from error
    if not any(part.filename.lower() == "xl/workbook.xml" for part in parts):
        what = "an OpenDocument table" if any(part.filename == "content.xml" for part in parts) else "a zip file"
        raise LabelTableError(f"This is {what}, not an Excel workbook. Save the table as CSV or .xlsx.")
    packed_well = [part for part in parts if part.file_size > (1 << 20)]
    if (
        len(parts) > MAX_ENTRIES
        or sum(part.file_size for part in parts) > MAX_BYTES
        or any(part.file_size > MAX_RATIO * max(1, part.compress_size) for part in packed_well)
    ):
        raise LabelTableError("The Excel workbook expands to more than a table would. Save the table as CSV.")


def _table(sheet: Any, data: bytes) -> list[list[str]]:
    """Return the rows of a sheet from its first filled one on; cells merged over several rows say the same in each."""
    rows = list(_rows(sheet))
    first = next((place for place, row in enumerate(rows) if any(row)), len(rows))
    fill_down(rows, sheet, data)
    return rows[first:]


def _rows(sheet: Any) -> Iterator[list[str]]:
    """Yield the rows of a sheet, stripped, without empty ones at the end."""
    sheet.reset_dimensions()  # what programs write there is often wrong
    empty = count = width = 0
    for cells in sheet.iter_rows():
        row = [_text(cell) for cell in cells]
        if not any(row):
            empty += 1
            continue
        width = max(width, len(row))
        count += empty + 1
        check_size(count, width)
        for _ in range(empty):
            yield [""] * width
        empty = 0
        yield row


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float) and "%" in re.sub(r'"[^"]*"', "", cell.number_format or ""):
        value = float(f"{100 * value:.12g}")  # 0.55 that is shown as 55 %
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, int):
        shown = cell.number_format or ""
        return str(value).zfill(len(shown)) if _ZEROS.fullmatch(shown) and value >= 0 else str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value).strip()
    if len(text) > MAX_CELL:
        raise LabelTableError("A cell of the workbook is as long as a book. Is it the right table?")
    return text
