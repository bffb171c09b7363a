"""The first lines of a table: titles above the names of the columns, names that are said again, and names not there."""

import re
from collections.abc import Sequence

from backend.ml.data.label_tables.cells import Cells, bare_name
from backend.ml.data.label_tables.columns import LABEL_NAMES, PATIENT_NAMES, RECORDING_NAMES
from backend.ml.data.label_tables.finder import Finder
from backend.ml.errors import LabelTableError

MOST_TITLES = 20
_COMMENT = re.compile(r"#+\s*\w.*", re.DOTALL)
_ENDING = re.compile(r".*[\w)]\.([A-Za-z]{2,8}\d?|[hH]5)")
_NAMES = frozenset(map(bare_name, (*RECORDING_NAMES, *LABEL_NAMES, *PATIENT_NAMES)))


def below_titles(lines: list[list[str]]) -> tuple[list[list[str]], tuple[str, ...]]:
    """Return the lines from the names of the columns on, and a note on what stood above.

    A title is a line with its first cell filled alone, a comment, or a line with gaps over names, as groups of columns
    have. It is passed over only where below it a line names recordings, labels or patients: else it may be the names
    of a table of one column.
    """
    for place, line in enumerate(lines[: MOST_TITLES + 1]):
        filled = [cell for cell in line if cell]
        if not filled or (line[0] and len(filled) == 1) or _COMMENT.fullmatch(line[0]):
            continue
        said = sum(any(one) for one in lines[:place])
        names = _NAMES & {bare_name(cell) for cell in filled}
        below = [cell for cell in lines[place + 1] if cell] if place + 1 < len(lines) else []
        if not names and len(filled) < len(below) and _NAMES & {bare_name(cell) for cell in below}:
            continue
        if said and len(filled) > 1 and names:
            return lines[place:], (f"Left out: lines above the names of the columns ({said}).",)
        break
    return lines, ()


def empty_repeats(header: Sequence[str], rows: list[list[str]]) -> tuple[str, ...]:
    """Empty the rows that say the names of the columns again, as tables do that were joined; return a note on them."""
    count = 0
    if sum(map(bool, header)) > 1:
        named = list(header)
        for place, row in enumerate(rows):
            if row == named:
                rows[place] = [""] * len(row)
                count += 1
    return (f"{count} rows say the names of the columns again and were left out.",) if count else ()


def check_named(cells: Cells, finder: Finder) -> None:
    """Refuse a table whose first line is a row like the others, which would be lost. Raises LabelTableError."""
    for name, column in zip(cells.header, zip(*cells.rows, strict=True), strict=False):
        if bare_name(name) not in _NAMES and (_like_files(name, column) or _both_found(name, column, finder)):
            raise LabelTableError(
                f"The first line of the table has {name[:80]!r} where the name of a column should be: it looks like a "
                "row. Write a line above it that names the columns, such as 'file_name,label'."
            )


def _like_files(name: str, column: Sequence[str]) -> bool:
    found = _ENDING.fullmatch(name)
    if found is None:
        return False
    alike = sum(cell.lower().endswith("." + found[1].lower()) for cell in column[:1000])
    return alike > 0.9 * len(column[:1000])


def _both_found(name: str, column: Sequence[str], finder: Finder) -> bool:
    return finder.finds(name) is not None and any(finder.finds(cell) is not None for cell in column[:100] if cell)
