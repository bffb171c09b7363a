"""Sex and age of the person of a row, for tables whose recordings do not say them."""

import re
from collections.abc import Sequence
from typing import Final

from backend.ecg.readers.facts import age_in_years
from backend.ml.data.label_tables.cells import whole
from backend.ml.data.label_tables.columns import NUMBER, split_words
from backend.ml.data.label_tables.truths import known
from backend.ml.errors import LabelTableError

FEMALE: Final = frozenset(("f", "female", "w", "weiblich", "woman", "frau"))
MALE: Final = frozenset(("m", "male", "männlich", "maennlich", "man", "mann"))
# Of units that the name of a column says: its words, by what `age_in_years` calls the unit.
_UNITS: Final = {
    "days": frozenset(("day", "days", "tag", "tage", "tagen")),
    "weeks": frozenset(("week", "weeks", "woche", "wochen", "wk", "wks")),
    "months": frozenset(("month", "months", "monat", "monate", "monaten", "mo", "mos")),
    "hours": frozenset(("hour", "hours", "stunde", "stunden")),
}
OLDEST: Final = 125  # years; PTB-XL writes 300 for those above 89


class Persons:
    """Reads the columns of sex and age of a table, "" or None for none, line by line."""

    def __init__(self, header: Sequence[str], sex: str | None, age: str | None) -> None:
        self._sex, self._age = sex, age
        self._places = tuple(header.index(name) if name else None for name in (sex, age))
        self._odd_sex = self._odd_age = 0
        words = re.split(r"[\W\d_]+", split_words(age or "").lower())
        self._unit = next((unit for unit, names in _UNITS.items() if names & {*words}), "")

    def read(self, line: Sequence[str], row: int) -> tuple[str | None, float | None]:
        """Return F or M, and years; None for what is not known, or neither.

        Raises LabelTableError for numbers as sexes: 0 is male in one table and female in the next. And for ages that
        are no numbers.
        """
        sex, age = (whole(line[place]) if place is not None else "" for place in self._places)
        return self._sex_of(sex, row), self._age_of(age, row)

    def notes(self) -> list[str]:
        """Say what was not understood and so is not known, and in which unit ages were read."""
        said = []
        if self._unit:
            said.append(f"The ages of {self._age!r} were read as {self._unit}, as the column is named.")
        if self._odd_sex:
            said.append(f"{self._odd_sex} rows have in {self._sex!r} neither female nor male: their sex is not known.")
        if self._odd_age:
            said.append(f"{self._odd_age} rows have in {self._age!r} no age from 0 to {OLDEST}: theirs is not known.")
        return said

    def _sex_of(self, cell: str, row: int) -> str | None:
        plain = cell.strip().casefold()
        if not known(plain):
            return None
        if NUMBER.fullmatch(plain):
            raise LabelTableError(
                f"Row {row} of the table has {cell[:40]!r} in the column {self._sex!r} of sexes. Write F and M: "
                "numbers mean one thing in one table and another in the next."
            )
        if plain not in FEMALE | MALE:
            self._odd_sex += 1
            return None
        return "F" if plain in FEMALE else "M"

    def _age_of(self, cell: str, row: int) -> float | None:
        if not known(cell):
            return None
        if not NUMBER.fullmatch(cell):
            raise LabelTableError(
                f"Row {row} of the table has {cell[:40]!r} in the column {self._age!r} of ages. Write years, such as "
                "63, or leave it empty."
            )
        age = float(cell.replace(",", "."))
        if self._unit:
            age = age_in_years(age, self._unit) or (0.0 if age == 0 else -1.0)
        if not 0 <= age <= OLDEST:
            self._odd_age += 1
            return None
        return age
