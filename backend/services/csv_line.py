"""Lines of CSV that a spreadsheet can open without harm."""

import csv
import io
import re
from collections.abc import Sequence

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")


def csv_line(cells: Sequence[str]) -> str:
    """Return one line of CSV; a cell that a spreadsheet would run as a formula gets a leading apostrophe.

    A number stays one, with its sign.
    """
    buffer = io.StringIO()
    safe = [f"'{cell}" if _runs(cell) else cell for cell in cells]
    csv.writer(buffer, lineterminator="\r\n").writerow(safe)
    return buffer.getvalue()


def exact(value: float) -> str:
    """Return a number as short as it is exact: 1234567, 0.1; six digits alone would be another number."""
    return f"{value:.0f}" if float(value).is_integer() else repr(float(value))


def _runs(cell: str) -> bool:
    # Spreadsheets skip spaces before a formula; some take other forms of these signs for them.
    return cell.lstrip(" \n")[:1] in ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠") and not _NUMBER.fullmatch(
        cell
    )
