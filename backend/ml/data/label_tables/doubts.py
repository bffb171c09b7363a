"""What in a table may mean something else than it was read as: told in the notes, or refused where it would mislead."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from backend.ml.data.label_tables.cells import Cells
from backend.ml.data.label_tables.choice import Choice, unused
from backend.ml.data.label_tables.columns import NUMBER, Column, is_of_a_person
from backend.ml.data.label_tables.dates import is_date, may_be_days
from backend.ml.data.label_tables.qualified import is_qualified
from backend.ml.data.label_tables.truths import NO_ANSWERS, without_decimals
from backend.ml.errors import LabelTableError

_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")
_JOINT = re.compile(r"\s*[,/+&]\s*")
_SENTINELS = ("-1", "-9", "-99", "-999", "-9999", "999", "9999", "99999")
_FEW = 5


class _Labelled(Protocol):
    @property
    def row(self) -> int: ...

    @property
    def labels(self) -> tuple[str, ...]: ...


def check_decimals(cells: Cells, columns: Sequence[str]) -> None:
    """Refuse a column of which a mark may part thousands: points here and commas there, or all like 1.234 or whole."""
    for name in columns:
        numbers = [cell for cell in cells.column(name) if NUMBER.fullmatch(cell)]
        comma, point = (next((cell for cell in numbers if mark in cell), "") for mark in ",.")
        if comma and point:
            raise LabelTableError(
                f"The column {name!r} has {comma!r} with a comma and {point!r} with a point. Write all decimals alike."
            )
        marked = [cell for cell in numbers if "," in cell or "." in cell]
        if marked and all(map(_THOUSANDS.fullmatch, marked)):
            raise LabelTableError(
                f"The column {name!r} has numbers such as {marked[0]!r}: whether the mark parts thousands or decimals "
                "cannot be told. Write thousands without a mark; and of decimals one with another number of places, as "
                f"{marked[0]}0."
            )


def odd_values(cells: Cells, columns: Sequence[str]) -> list[str]:
    """Say which values may stand for what is not known: -1 where all others are above 0, 999 far above them."""
    said = []
    for name in columns:
        numbers = Counter(without_decimals(cell) for cell in cells.column(name) if NUMBER.fullmatch(cell))
        others = [float(cell.replace(",", ".")) for cell in numbers if cell not in _SENTINELS]
        said += [
            f"{numbers[cell]} rows have {cell} in {name!r}, unlike all others. If it stands for what is not known, "
            "leave these cells empty: now it is learned as a value."
            for cell in filter(numbers.__contains__, _SENTINELS)
            if others and (min(others) >= 0 if cell.startswith("-") else max(others) < float(cell) / 2)
        ]
    return said


def of_labels(labels: Sequence[str], rows: Iterable[_Labelled]) -> list[str]:
    """Say which labels may be one, may be several, or may be none, as they are written."""
    said = []
    plain: dict[str, list[str]] = {}
    for label in labels:
        plain.setdefault(label.casefold(), []).append(label)
    alike = [", ".join(spellings) for spellings in plain.values() if len(spellings) > 1]
    if alike:
        said.append(f"Labels that differ in capitals only were not joined: {'; '.join(alike[:_FEW])}.")
    whole = set(labels)
    parts = {label: {*_JOINT.split(label)} - {label, ""} for label in labels}
    again = Counter(part for found in parts.values() for part in found)
    told = next((label for label in labels if _is_several(label, parts[label], again, whole)), None)
    if told:
        said.append(
            f"The label {told!r} was read as one, though a part of it is a label too or stands in others. If it is "
            "several, choose the mark between them (separators)."
        )
    doubtful = [label for label in labels if is_qualified(label)]
    if doubtful:
        counts = Counter(label for row in rows for label in row.labels)
        told = ", ".join(f"{label} ({counts[label]})" for label in doubtful[:_FEW])
        said.append(
            f"{len(doubtful)} labels say a doubt, an exclusion or a history and were kept as labels of their own, such "
            f"as {told}. They are neither the finding itself nor its absence: leave these cells empty where it is not "
            "certain."
        )
    days = [label for label in labels if may_be_days(label)]
    if days and 2 * sum(map(str.isdigit, labels)) < len(labels):
        said.append(
            f"Labels such as {days[0]} stand among words: a spreadsheet may have made the number of a date. "
            "Compare with the original."
        )
    empty = [label for label in labels if label.casefold() in NO_ANSWERS]
    if empty and len(empty) < len(labels) and not all(label.isdigit() for label in labels):
        counts = Counter(label for row in rows for label in row.labels)
        said.append(
            f"Counted as labels of their own: {', '.join(f'{label} ({counts[label]})' for label in empty[:_FEW])}. If "
            "they say that there is no label, leave these cells empty."
        )
    return said


def check_dates(labels: Sequence[str], rows: Iterable[_Labelled]) -> None:
    """Refuse a label that is a date: a spreadsheet makes it of texts such as 1-2 or MAR1. Raises LabelTableError."""
    dates = {label for label in labels if is_date(label)}
    row = next((row for row in rows if dates.intersection(row.labels)), None) if dates else None
    if row is not None:
        raise LabelTableError(
            f"Row {row.row} of the table has the date {next(one for one in row.labels if one in dates)!r} for a label: "
            "spreadsheets make dates of texts such as 1-2 or MAR1. Give the column the format of text and write the "
            "labels again, or choose another column."
        )


def of_dates(names: Sequence[str], patients: Sequence[str | None]) -> list[str]:
    """Say how many names of recordings, or identifiers of patients, may have become dates: some are, most are not."""
    said = []
    if n := _dates_among(names):
        said.append(
            f"{n} rows have a date for the name of a recording, most have none: spreadsheets make dates of texts such "
            "as 1-2 or MAR1. Compare with the original, and give the column the format of text."
        )
    if n := _dates_among(patients):
        said.append(
            f"{n} rows have a date for a patient, most have none: spreadsheets make dates of texts such as 1-2 or "
            "MAR1. Compare with the original, and give the column the format of text."
        )
    return said


def _dates_among(names: Sequence[str | None]) -> int:
    known = list(filter(None, names))
    n = sum(map(is_date, known))
    return n if 2 * n < len(known) else 0


def _is_several(label: str, parts: set[str], again: Counter[str], whole: set[str]) -> bool:
    words = label.split()
    return any(one in whole or again[one] > 1 for one in parts) or (len(words) > 1 and whole.issuperset(words))


def of_codes(codes: Mapping[str, Mapping[str, None]]) -> list[str]:
    """Say which labels have several codes, of which the first was kept."""
    several = [f"{label} ({', '.join(list(said)[:_FEW])})" for label, said in codes.items() if len(said) > 1]
    return [f"Labels with several codes, of which the first was kept: {'; '.join(several[:_FEW])}."] if several else []


def of_persons(cells: Cells, columns: Sequence[Column], choice: Choice) -> list[str]:
    """Say which column may tell the patients apart, where none was chosen to."""
    if choice.patient:
        return []
    left = {*unused(choice, cells)}
    found = [one.name for one in columns if one.name in left and is_of_a_person(one.name)]
    found = [name for name in found for one in columns if one.name == name and one.n_distinct < one.n_filled]
    return [
        f"The column {name!r} says the same in several rows and may tell the patients apart, but was not used. If it "
        "does, choose it (patient): else recordings of one patient may stand in two parts of a split."
        for name in found[:1]
    ]
