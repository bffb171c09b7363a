"""Labelled rows out of the cells of a table and the choice of its columns."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.ecg.readers.facts import identifier
from backend.ml.data.label_tables.cells import Cells, plain_name, whole
from backend.ml.data.label_tables.choice import Choice
from backend.ml.data.label_tables.columns import LABEL_NAMES, NUMBER, Column, value_name
from backend.ml.data.label_tables.doubts import (
    check_dates,
    check_decimals,
    odd_values,
    of_codes,
    of_dates,
    of_labels,
    of_persons,
)
from backend.ml.data.label_tables.label_cells import UnknownError, labelling, tidy
from backend.ml.data.label_tables.literals import LiteralError
from backend.ml.data.label_tables.persons import Persons
from backend.ml.data.label_tables.questions import of_patients
from backend.ml.data.label_tables.superclasses import SUPERCLASS_OF, SUPERCLASSES
from backend.ml.data.label_tables.templates import Template, fill_first
from backend.ml.data.label_tables.truths import known
from backend.ml.errors import LabelTableError

LARGEST = 1e12  # of the values: their squares are summed in 32 bits
MOST_LABELS = 500
# What a spreadsheet or a program makes of a long number; without a mark or sign, 12e45 may be an identifier itself.
_CUT = re.compile(r"\d+([.,]\d+)?[eE][+-]\d+|\d+[.,]\d+[eE]\d+")


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One row: `row` counts from 1 without the header; `labels` is empty where none of the labels applies.

    `values` has, for a regression, one value for each label of the table, None where the cell is empty.
    """

    row: int
    file_name: str
    labels: tuple[str, ...]
    patient_id: str | None
    part: str | None
    values: tuple[float | None, ...] = ()
    sex: str | None = None  # F | M
    age: float | None = None  # years


@dataclass(frozen=True, slots=True)
class LabelTable:
    """A table of labels. `labels` are in order of first appearance (one-hot: of the columns; superclasses: theirs)."""

    task: str  # single_label | multi_label | regression
    labels: tuple[str, ...]
    codes: Mapping[str, str]  # label -> ICD-10
    rows: Sequence[LabelRow]
    split_column: str | None  # "split" | "fold"
    notes: Sequence[str]
    choice: Choice = field(default_factory=Choice)


def labelled(cells: Cells, columns: Sequence[Column], choice: Choice) -> LabelTable:
    """Return the rows of a table as a complete choice has them.

    Raises LabelTableError, naming row and column, for a cell that cannot be what it was chosen for.
    """
    return _values(cells, columns, choice) if choice.values else _labels(cells, columns, choice)


class _Rows:
    """What every row has besides its labels: the name of its recording, its patient and its part."""

    def __init__(self, cells: Cells, choice: Choice) -> None:
        self._templates = [Template(text, cells.header) for text in choice.recording]
        place = {name: index for index, name in enumerate(cells.header)}
        self._patient = place[choice.patient] if choice.patient else None
        self._part = place[choice.part] if choice.part else None
        self._person = Persons(cells.header, choice.sex, choice.age)
        self.nameless = self.unlabelled = 0
        self.rows: list[LabelRow] = []

    def name(self, line: Sequence[str], number: int) -> str:
        """Return the name of the recording, "" for an empty line, or where none is given, which is counted."""
        name = fill_first(self._templates, line, number - 1)
        if not name and any(line):
            self.nameless += 1
        return _uncut(name, number) if any(line) else ""

    def add(self, line: Sequence[str], number: int, name: str, labels: tuple[str, ...] = (),
            values: tuple[float | None, ...] = ()) -> None:  # fmt: skip
        """Keep a row."""
        patient = identifier(whole(line[self._patient]), may_be_zero=True) if self._patient is not None else None
        part = whole(line[self._part]) if self._part is not None else ""
        sex, age = self._person.read(line, number)
        part = part if known(part) else ""
        patient = _uncut(patient, number) if patient else None
        self.rows.append(LabelRow(number, name, labels, patient, part or None, values, sex, age))

    def notes(self, what: str) -> list[str]:
        """Say what was left out."""
        left = ((self.nameless, "file name"), (self.unlabelled, what))
        said = [f"{count} rows have no {thing} and were left out." for count, thing in left if count]
        said += of_dates([row.file_name for row in self.rows], [row.patient_id for row in self.rows])
        return [*said, *self._person.notes()]


def _uncut(name: str, row: int) -> str:
    """Return an identifier as it is. Raises LabelTableError where a spreadsheet has cut its digits."""
    if _CUT.fullmatch(name):
        raise LabelTableError(
            f"Row {row} of the table has the identifier {name}: a spreadsheet has cut its digits, so that several may "
            "look alike. Give the column the format of text or whole numbers, and save the table again."
        )
    return name


def _split_column(choice: Choice) -> str | None:
    return "split" if choice.split else "fold" if choice.fold else None


def _values(cells: Cells, columns: Sequence[Column], choice: Choice) -> LabelTable:
    places = [(name, cells.header.index(name)) for name in choice.values]
    check_decimals(cells, choice.values)
    rows = _Rows(cells, choice)
    for number, line in enumerate(cells.rows, start=1):
        name = rows.name(line, number)
        if not name:
            continue
        values = tuple(_value(line[index], number, column) for column, index in places)
        if any(value is not None for value in values):
            rows.add(line, number, name, values=values)
        else:
            rows.unlabelled += 1
    if not rows.rows:
        raise LabelTableError(f"No row of the table has a value. Fill in the column {choice.values[0]!r}.")
    names = tuple(value_name(name) or name for name in choice.values)
    notes = [
        *rows.notes("value"),
        *odd_values(cells, choice.values),
        *of_persons(cells, columns, choice),
        *of_patients(cells, choice.patient),
    ]
    return LabelTable("regression", names, {}, rows.rows, _split_column(choice), notes, choice)


def _value(cell: str, row: int, column: str) -> float | None:
    """Return a number written with a point or a comma, None for an empty cell."""
    if not known(cell):
        return None
    if not NUMBER.fullmatch(cell):
        raise LabelTableError(
            f"Row {row} of the table has {cell[:40]!r} in the column {column!r}. Write a number, or leave it empty."
        )
    value = float(cell.replace(",", "."))
    if abs(value) > LARGEST:
        raise LabelTableError(f"Row {row} of the table has {cell[:40]!r} in the column {column!r}, which is too large.")
    return value


def _labels(cells: Cells, columns: Sequence[Column], choice: Choice) -> LabelTable:
    kinds = {column.name: column.kind for column in columns}
    among_flags = any(kinds[name] == "yes_no" for name in choice.labels)
    ways = [
        labelling(name, kinds[name], cells.column(name), choice, _are_classes(name, choice), among_flags)
        for name in choice.labels
    ]
    places = [cells.header.index(name) for name in choice.labels]
    flags = [tidy(flag) for way in ways for flag in way.flags]
    code = cells.header.index(choice.code) if choice.code else None
    rows, unknown = _Rows(cells, choice), 0
    codes: dict[str, dict[str, None]] = {}
    below, strangers = Counter[str](), Counter[str]()
    for number, line in enumerate(cells.rows, start=1):
        name = rows.name(line, number)
        if not name:
            continue
        try:
            read = [label for place, way in zip(places, ways, strict=True) for label in way.read(line[place], below)]
        except UnknownError:
            unknown += 1
            continue
        except LiteralError as error:
            raise LabelTableError(f"Row {number} of the table cannot be read: {error}. Correct the cell.") from None
        if choice.superclasses:
            strangers.update(label for label in read if label not in SUPERCLASS_OF)
            read = [SUPERCLASS_OF[label] for label in read if label in SUPERCLASS_OF]
        labels = tuple(dict.fromkeys(map(tidy, read)))
        if not labels and not flags:
            rows.unlabelled += 1
            continue
        if code is not None and len(labels) == 1 and line[code]:
            codes.setdefault(labels[0], {})[line[code]] = None
        rows.add(line, number, name, labels)
    names = _names(rows.rows, flags, choice)
    check_dates(names, rows.rows)
    multi = bool(flags) or choice.superclasses or any(kinds[name] in ("dictionary", "list") for name in choice.labels)
    task = "multi_label" if multi or any(len(row.labels) > 1 for row in rows.rows) else "single_label"
    notes = [*rows.notes("label"), *(way.note for way in ways if way.note), *of_labels(names, rows.rows)]
    notes += [*of_codes(codes), *of_persons(cells, columns, choice), *of_patients(cells, choice.patient)]
    if unknown:
        notes.append(f"{unknown} rows say of a label neither yes nor no and were left out.")
    if below:
        notes.append(f"Left out below the likelihood of {choice.threshold:g}: {_listed(below)}.")
    if strangers:
        notes.append(f"Left out, as they have no diagnostic superclass: {_listed(strangers)}.")
    first = {label: next(iter(said)) for label, said in codes.items()}
    return LabelTable(task, names, first, rows.rows, _split_column(choice), notes, choice)


def _are_classes(name: str, choice: Choice) -> bool:
    """Whether 0 and 1 are the labels themselves: of a column 'label' that stands alone."""
    return len(choice.labels) == 1 and plain_name(name) in LABEL_NAMES


def _names(rows: Sequence[LabelRow], flags: Sequence[str], choice: Choice) -> tuple[str, ...]:
    """Return the labels of a table in their order. Raises LabelTableError where there are none, or too many."""
    seen = dict.fromkeys(label for row in rows for label in row.labels)
    if choice.superclasses:
        labels = tuple(name for name in SUPERCLASSES if name in seen)
    else:
        labels = tuple(dict.fromkeys([*flags, *seen]))
    if not seen and not flags:
        what = "a code with a diagnostic superclass" if choice.superclasses else "a label"
        raise LabelTableError(f"No row of the table has {what}. Fill in the column {choice.labels[0]!r}.")
    if len(labels) > MOST_LABELS:
        raise LabelTableError(
            f"The table has {len(labels)} different labels. Is the column of labels the right one? At most "
            f"{MOST_LABELS} work."
        )
    return labels


def _listed(counts: Counter[str], most: int = 12) -> str:
    told = ", ".join(f"{label} ({count})" for label, count in counts.most_common(most))
    return f"{told} and {len(counts) - most} more" if len(counts) > most else told
