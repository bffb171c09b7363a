"""Templates that build the name of a recording from the columns of a row: "HR{ecg_id:05d}", "stack[{#}]"."""

import re
from collections.abc import Sequence

from backend.ml.data.label_tables.cells import whole
from backend.ml.errors import LabelTableError

ROW = "#"  # the number of the row, from 0
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PADDED = re.compile(r"(.*):0?(\d{1,2})d?")
_DIGITS = re.compile(r"\d+")

Part = str | tuple[str, int]  # text as it is, or a column and the digits it is padded to


def check_template(template: str, header: Sequence[str]) -> None:
    """Refuse a template that names a column which is not there. Raises LabelTableError."""
    _parts(template, header)


def columns_of(template: str, header: Sequence[str]) -> list[str]:
    """Return the columns that a template names. Raises LabelTableError for one that is not there."""
    return [part[0] for part in _parts(template, header) if not isinstance(part, str) and part[0] != ROW]


class Template:
    """A template ready to be filled from the rows of a table."""

    def __init__(self, template: str, header: Sequence[str]) -> None:
        places = {name: index for index, name in enumerate(header)}
        self._parts = [
            part if isinstance(part, str) else (places.get(part[0], -1), part[1]) for part in _parts(template, header)
        ]

    def fill(self, row: Sequence[str], number: int) -> str:
        """Return the name that row `number` (from 0) gives, "" where a column of it is empty or no whole number."""
        name = ""
        for part in self._parts:
            if isinstance(part, str):
                name += part
                continue
            index, digits = part
            cell = str(number) if index < 0 else whole(row[index])
            if not cell or (digits and not _DIGITS.fullmatch(cell)):
                return ""
            name += cell.zfill(digits)
        return name


def _parts(template: str, header: Sequence[str]) -> list[Part]:
    parts: list[Part] = []
    place = 0
    for found in _PLACEHOLDER.finditer(template):
        parts.append(template[place : found.start()])
        parts.append(_placeholder(found[1], template, header))
        place = found.end()
    parts.append(template[place:])
    if len(parts) == 1:
        raise LabelTableError(
            f"{template!r} names neither a column nor a template with one in braces, such as "
            f"'{{{header[0]}}}'; the columns are {', '.join(header)}."
        )
    return [part for part in parts if part]


def _placeholder(inner: str, template: str, header: Sequence[str]) -> Part:
    if inner == ROW or inner in header:
        return inner, 0
    padded = _PADDED.fullmatch(inner)
    if padded and (padded[1] == ROW or padded[1] in header):
        return padded[1], int(padded[2])
    raise LabelTableError(
        f"The name of the recording, {template}, asks for the column {inner!r}; the table has {', '.join(header)}."
    )


def fill_first(templates: Sequence[Template], row: Sequence[str], number: int) -> str:
    """Return the name that the first template with all its columns filled gives, "" where none has."""
    for template in templates:
        name = template.fill(row, number)
        if name:
            return name
    return ""
