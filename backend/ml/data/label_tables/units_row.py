"""A row of units below the names of the columns (Hz, ms, years): it is no recording, and its units belong to the names.

Rows of types (string, int) are the same kind. What looks like one and says more is refused.
"""

import re
from collections.abc import Sequence

from backend.ml.data.label_tables.columns import NUMBER
from backend.ml.data.label_tables.truths import known
from backend.ml.errors import LabelTableError

_UNITS = frozenset((
    "hz", "khz", "1/s", "mv", "µv", "uv", "microv", "millivolt", "millivolts", "microvolt", "microvolts", "volt",
    "volts", "ms", "msec", "millisecond", "milliseconds", "millisekunden", "sec", "second", "seconds", "sekunden",
    "min", "minute", "minutes", "minuten", "h", "hour", "hours", "stunden", "day", "days", "tag", "tage", "week",
    "weeks", "woche", "wochen", "month", "months", "monat", "monate", "year", "years", "yr", "yrs", "jahr", "jahre",
    "a", "y", "d", "s", "v", "m", "g", "bpm", "1/min", "/min", "beats/min", "beats per minute", "schläge/min", "%",
    "percent", "prozent", "mm", "cm", "kg", "gram", "mmhg", "°", "deg", "degree", "degrees", "grad", "kg/m2",
    "kg/m²", "mmol/l", "mg/dl", "pg/ml", "ng/l", "ng/ml", "mm/s", "mm/mv", "samples", "ml", "l",
))  # fmt: skip
_TYPES = frozenset((
    "string", "str", "text", "varchar", "char", "object", "int", "int32", "int64", "integer", "float", "float32",
    "float64", "double", "numeric", "number", "bool", "boolean", "categorical", "category", "datetime", "zahl",
    "ganzzahl", "0/1", "yes/no", "ja/nein", "true/false",
))  # fmt: skip
_REST = frozenset((
    "", "-", "--", "—", "–", "/", ".", "unit", "units", "einheit", "einheiten", "unit:", "einheit:", "type", "dtype",
    "typ", "name", "id", "none", "n/a", "na", "1",
))  # fmt: skip
_ALL = _UNITS | _TYPES | _REST
_AROUND = re.compile(r"\s*(?:in )?[(\[<{]?\s*(.*?)\s*[)\]>}]?\s*")
_ROWS = 1000  # that show what a column else holds


def without_units(header: list[str], rows: list[list[str]]) -> tuple[list[str], tuple[str, ...]]:
    """Empty a first row that says the units or types of the columns; return the names with the units, and a note.

    It is one where a unit stands in a column that else holds numbers, and all it says are units, types or nothing.
    Raises LabelTableError where a unit so stands and other cells say something else.
    """
    if len(rows) < 2:
        return header, ()
    plain = [_plain(cell) for cell in rows[0]]
    beside = [place for place, said in enumerate(plain) if said in _UNITS | _TYPES and _has_numbers(rows, place)]
    if not beside and not _are_types(plain):
        return header, ()
    numbers = [place for place, cell in enumerate(rows[0]) if cell and NUMBER.fullmatch(cell) and cell != "1"]
    if numbers and len(beside) < 2:
        return header, ()  # a row like the others, with one cell that is refused where it is needed
    # A single letter is a unit only where numbers follow: else it may name a recording, or a class of beats.
    sure = {*beside, *(place for place, cell in enumerate(rows[0]) if len(cell) > 1)}
    odd = {place: cell for place, cell in enumerate(rows[0]) if plain[place] not in (_ALL if place in sure else _REST)}
    if any(row[place] == cell for place, cell in odd.items() for row in rows[1:]):
        return header, ()  # a recording: others say the same
    if odd:
        says = next(iter(odd.values()))[:40]
        raise LabelTableError(
            f"Row 1 of the table looks like a row of units, with {rows[0][beside[0]][:40]!r} in the column "
            f"{header[beside[0]]!r}, but it also says {says!r}. Delete the row, or write the units behind the "
            "names of the columns, such as 'age (months)'."
        )
    told = ", ".join(f"{name}: {cell}" for name, cell in zip(header, rows[0], strict=True) if cell)
    named = [
        f"{name} ({_bare(rows[0][place])})" if place in beside and said in _UNITS and said not in _words(name) else name
        for place, (name, said) in enumerate(zip(header, plain, strict=True))
    ]
    rows[0] = [""] * len(rows[0])
    return named, (f"Row 1 says units or types of the columns and was left out ({told}).",)


def _bare(cell: str) -> str:
    found = _AROUND.fullmatch(cell)
    return found[1] if found else cell


def _plain(cell: str) -> str:
    return _bare(cell).lower().replace("μ", "µ")


def _has_numbers(rows: Sequence[Sequence[str]], place: int) -> bool:
    """Whether all that a column says below its first row are numbers."""
    cells = [row[place] for row in rows[1:_ROWS] if known(row[place])]
    return bool(cells) and all(map(NUMBER.fullmatch, cells))


def _are_types(plain: Sequence[str]) -> bool:
    said = [cell for cell in plain if cell]
    return len(said) > 1 and all(cell in _TYPES for cell in said)


def _words(name: str) -> set[str]:
    return {*re.split(r"[\s_()\[\]:,;]+", name.lower())}
