"""Likely choices of columns, in words and complete, for a table whose meaning must be asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from backend.ml.data.label_tables.cells import Cells, plain_name
from backend.ml.data.label_tables.choice import Choice
from backend.ml.data.label_tables.columns import (
    CODE_LIST,
    CODE_NAMES,
    LABEL_NAMES,
    Column,
    are_alternatives,
    families,
    is_fact,
    named,
)
from backend.ml.data.label_tables.diagnoses import are_icd10, is_diagnosis
from backend.ml.data.label_tables.literals import LiteralError, is_literal, parse
from backend.ml.data.label_tables.superclasses import SUPERCLASS_OF
from backend.ml.data.label_tables.templates import columns_of

MOST_SUGGESTIONS = 6
_MOST_CLASSES = 60  # of a column of words that is suggested
_MOST_NUMBERED = 20  # of one of numbers


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A likely choice, in words and complete."""

    title: str
    choice: Choice


def suggestions(asked: Choice, cells: Cells, columns: Sequence[Column]) -> tuple[Suggestion, ...]:
    """Return the likely choices of labels, or values, best first, all else being as asked."""
    asked = replace(asked, labels=(), values=(), superclasses=False)
    rest = unspoken_for(asked, cells, columns)
    made: list[tuple[str, Choice]] = []

    def add(title: str, names: Sequence[str], superclasses: bool = False) -> None:
        if names and len(made) < MOST_SUGGESTIONS:
            made.append((title, replace(asked, labels=tuple(names), superclasses=superclasses)))

    for name in scp_columns(cells, columns):
        add(f"the five diagnostic superclasses of the SCP codes in {name}", [name], superclasses=True)
        add(f"the SCP codes in {name}", [name])
    codes = {choice.labels for _, choice in made}
    for column in rest:
        if column.kind in ("dictionary", "list") and (column.name,) not in codes:
            add(f"the entries of {column.name}", [column.name])
    for name in named(cells.header, LABEL_NAMES)[:1]:
        if are_words(cells, name):
            add(f"the column {name}", [name])
        else:
            made.append((f"the numbers in {name}, to be learned as values", replace(asked, values=(name,))))
    flags = [column for column in columns if column.kind == "yes_no" and not is_fact(column.name)]
    known = {column.name for column in flags if is_said(column.name, cells)} or {column.name for column in flags}
    # Flags that are not known, or facts, may stand between those that are; any other column ends a run.
    places = [column for column in columns if column.name in known or column.kind != "yes_no"]
    runs = [[one.name for one in run] for is_run, run in groupby(places, lambda one: one.name in known) if is_run]
    runs.sort(key=len, reverse=True)
    for run in runs[:2]:
        title = "one label for each of the columns" if len(run) > 1 else "yes or no by"
        add(f"{title} {_few(run)}", [name for name in run if name in {column.name for column in rest}])
    if not codes:
        words = [column for column in rest if column.kind == "text" and not is_fact(column.name)]
        for family in families(column.name for column in words):
            add(f"the texts in {_few(family)}", family)
        numbered = families(column.name for column in columns if column.kind in ("number", "empty"))
        for family in filter(are_alternatives, numbered):
            add(f"the classes in {_few(family)}", family)
        classes = [column for column in rest if _is_class(column)]
        for column in [one for one in classes if one.kind == "text"] or classes:
            add(f"the classes in {column.name}", [column.name])
    for name in named(cells.header, CODE_NAMES)[:1]:
        if not made and any(map(are_icd10, cells.column(name))):
            made.append((f"the codes in {name}", replace(asked, labels=(name,), code="")))
    if not made:
        for column in rest:
            if column.kind == "yes_no":
                add(f"yes or no by {column.name}", [column.name])
    return tuple(Suggestion(title, choice) for title, choice in made)


def is_said(name: str, cells: Cells) -> bool:
    """Whether the name of a column of yes and no is known to say what an ECG shows."""
    return name in cells.labels or (is_diagnosis(name) and not is_fact(name))


def unspoken_for(asked: Choice, cells: Cells, columns: Sequence[Column]) -> list[Column]:
    """Return the columns that have no other part to play and are not empty."""
    taken = {name for template in asked.recording for name in columns_of(template, cells.header)}
    taken |= {
        asked.patient or "",
        asked.split or "",
        asked.fold or "",
        asked.code or "",
        asked.sex or "",
        asked.age or "",
    }
    return [column for column in columns if column.name not in taken and column.kind != "empty"]


def are_words(cells: Cells, name: str) -> bool:
    """Whether a column named as labels holds classes: anything but decimals."""
    decimals = re.compile(r"[-+]?\d*[.,]\d*[1-9]\d*")
    return not any(decimals.fullmatch(cell) and not CODE_LIST.fullmatch(cell) for cell in cells.column(name))


def scp_columns(cells: Cells, columns: Sequence[Column]) -> list[str]:
    """Return the columns whose entries are mostly SCP codes that have a superclass, or dictionaries with some."""
    found = []
    for column in columns:
        if column.kind not in ("dictionary", "list", "text"):
            continue
        sample = [cell for cell in cells.column(column.name)[:500] if cell]
        hits = sum(bool(_entries(cell) & SUPERCLASS_OF.keys()) for cell in sample)
        if sample and hits > len(sample) / 2:
            found.append(column.name)
    return found


def _entries(cell: str) -> set[str]:
    if not is_literal(cell):
        return {part.strip() for part in re.split(r"[;|]", cell)}
    try:
        return set(parse(cell))
    except LiteralError:
        return set()


def _is_class(column: Column) -> bool:
    """Whether a column holds words, or small whole numbers, each of them often."""
    if is_fact(column.name) or plain_name(column.name) in LABEL_NAMES:
        return False
    if column.kind == "number":
        return column.n_distinct <= min(_MOST_NUMBERED, max(2, column.n_filled / 2)) and all(
            re.fullmatch(r"\d{1,2}", cell) for cell in column.examples
        )
    return column.kind == "text" and 1 < column.n_distinct <= min(_MOST_CLASSES, column.n_filled / 2)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 8 else f"{', '.join(names[:7])} … {names[-1]}"
