"""The lines before the numbers of a table: which names the columns, which gives their units, and what else is there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import canonical_lead
from backend.ecg.readers.text.numbers import Dialect
from backend.ecg.readers.units import millivolts, seconds, split_unit

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Names and units of the columns of numbers, the names of those of texts, and the other lines before the numbers.

    `gaps` is how many lines of empty cells stand between the names and the numbers.
    """

    columns: Cells | None
    units: Cells | None
    texts: Cells | None
    others: list[str]
    gaps: int


def find_names(head: Sequence[tuple[int, str]], dialect: Dialect, width: int, places: tuple[int, ...]) -> Names:
    """Find the line of column names and the line of units among the numbered lines before the numbers.

    `width` counts the columns of numbers, `places` are those of texts among all. Raises UnreadableFileError for names
    that do not fit, and for a line of numbers with a text among them.
    """
    table = {index: cells for index, (_, line) in enumerate(head) if (cells := _cells(line, dialect, width, places))}
    units = next((i for i, (_, cells) in table.items() if _are_units(cells)), None)
    candidates = [i for i, (_, cells) in table.items() if i != units and any(cells)]
    names = max(candidates, key=lambda i: (leads_in(table[i][1]), i), default=None)
    for index in set(table) - {names, units}:
        _refuse_samples(head[index][0], table[index][1], dialect)
    gaps = [i for i, (_, cells) in table.items() if names is not None and i > names and not any(cells)]
    return Names(
        columns=None if names is None else table[names][1],
        units=None if units is None else table[units][1],
        texts=None if names is None else table[names][0],
        others=[line.strip() for i, (_, line) in enumerate(head) if i not in (names, units, *gaps)],
        gaps=len(gaps),
    )


def names_last(head: Sequence[tuple[int, str]], dialect: Dialect, total: int) -> bool:
    """Whether a line before the numbers has `total` names of which the last is that of a lead."""
    found = (dialect.cells(line) for _, line in head)
    return any(len(cells) == total and leads_in(cells[-1:]) == 1 and leads_in(cells) > 1 for cells in found)


def _cells(line: str, dialect: Dialect, width: int, places: tuple[int, ...]) -> tuple[Cells | None, Cells] | None:
    """Return the names of the columns of texts and of numbers in a line, None for a line of another form."""
    total = width + len(places)
    for separator in dict.fromkeys((dialect.separator, ",", ";", "\t", " ")):
        cells = Dialect(separator, ".").cells(line)
        if len(cells) == total + 1 and cells[-1] == "":
            cells.pop()
        texts: Cells | None = None
        if places and len(cells) == total:
            texts = tuple(cells[place] for place in places)
            cells = [cell for place, cell in enumerate(cells) if place not in places]
        elif len(cells) == width - 1 and leads_in(cells) > 1:
            cells = ["", *cells]  # as R writes a table with row names
        if len(cells) == width and (separator == dialect.separator or leads_in(cells) > 1):
            return texts, tuple(cells)
    named = re.split(r"[,;\t]", line)
    if leads_in(named) > 2 and places != (0,):
        raise UnreadableFileError(
            f"the header names {len(named)} columns, the lines below have {total}. "
            + (
                "Its numbers may have decimal commas between separating commas, which cannot be told apart: export it "
                "with semicolons between the columns, or with decimal points."
                if total == 2 * len(named)
                else "Correct the header, or export the table again."
            )
        )
    return None


def _refuse_samples(number: int, cells: Sequence[str], dialect: Dialect) -> None:
    """Refuse a line of numbers with text among them: left out, it would be a sample lost."""
    texts = [i for i, cell in enumerate(cells) if dialect.number(cell) is None]
    if texts and 2 * len(texts) < len(cells):
        raise UnreadableFileError(f"line {number}, column {texts[0] + 1} holds no readable number. Correct the cell.")


def leads_in(cells: Sequence[str]) -> int:
    """How many of the names are those of a lead, with a unit or without."""
    return sum(canonical_lead(split_unit(cell.strip().strip("\"'"))[0]) is not None for cell in cells)


def _are_units(cells: Sequence[str]) -> bool:
    said = [cell.strip("()[] ") for cell in cells if cell.strip("()[]- ")]
    return bool(said) and all(millivolts(unit) is not None or seconds(unit) is not None for unit in said)
