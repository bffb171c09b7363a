"""Cells of a worksheet that are merged over several rows: what the first says holds for all of them."""

import io
import re
import zipfile
from typing import Any

_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")


def fill_down(rows: list[list[str]], sheet: Any, data: bytes) -> None:
    """Write what stands in cells merged over several rows of one column into each of `rows`, the first being row 1.

    Cells merged across columns, as titles are, stay as they are.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read(sheet._worksheet_path.lstrip("/"))
    left_over = sum(map(len, rows))  # cells; more are written only where ranges overlap, which no program writes
    for found in _MERGED.finditer(text):
        left, top, right, bottom = found[1], int(found[2]), found[3], int(found[4])
        if left != right:
            continue
        column = _number(left)
        if not 0 < top <= len(rows) or column >= len(rows[top - 1]):
            continue
        left_over -= min(bottom, len(rows)) - top
        if left_over < 0:
            return
        for row in rows[top:bottom]:
            row.extend([""] * (column + 1 - len(row)))
            row[column] = row[column] or rows[top - 1][column]


def _number(letters: bytes) -> int:
    """The place of a column, from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number - 1
