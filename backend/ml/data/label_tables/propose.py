"""What the columns of a table probably mean, and what of it is certain enough to be taken without asking.

No column becomes a label by guess. Without asking are taken: columns named as labels or values; the one column of words
beside the column of recordings; and columns of yes and no where the table holds nothing else but recordings, patients,
parts and facts (age, device …) that say neither yes nor no. Everything else is asked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from backend.ml.data.label_tables.cells import Cells, plain_name
from backend.ml.data.label_tables.choice import Choice, check
from backend.ml.data.label_tables.columns import (
    CODE_NAMES,
    FOLD_NAMES,
    LABEL_NAMES,
    PATIENT_NAMES,
    RECORDING_NAMES,
    SPLIT_NAMES,
    Column,
    is_fact,
    named,
    value_name,
)
from backend.ml.data.label_tables.finder import Finder
from backend.ml.data.label_tables.headers import check_named
from backend.ml.data.label_tables.literals import LiteralError, is_literal, parse
from backend.ml.data.label_tables.matching import Match, conflict, matches
from backend.ml.data.label_tables.superclasses import SUPERCLASS_OF
from backend.ml.data.label_tables.templates import columns_of
from backend.ml.data.label_tables.truths import has_unsure
from backend.ml.errors import LabelChoiceError, LabelTableError

MOST_SUGGESTIONS = 6
_MOST_CLASSES = 60  # of a column of words that is suggested
_MOST_NUMBERED = 20  # of one of numbers
_WHICH_LABELS = "The table has no column of labels that leaves no doubt: choose which columns are the labels."
_NUMBERED = re.compile(r"(.*?)[\s_]?\d+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A likely choice, in words and complete."""

    title: str
    choice: Choice


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a table probably means: its likely choices, best first, and what was asked with all that is certain.

    `completed` is a complete choice where `question` is empty, `choice` then the same.
    """

    matches: tuple[Match, ...]
    suggestions: tuple[Suggestion, ...]
    completed: Choice
    question: str

    @property
    def choice(self) -> Choice | None:
        """The complete choice, None where a question is open."""
        return None if self.question else self.completed


def propose(cells: Cells, columns: Sequence[Column], finder: Finder, asked: Choice | None = None) -> Proposal:
    """Return what a table probably means, where `asked` holds what was chosen already.

    Raises LabelTableError for a choice that does not fit the table.
    """
    check_named(cells, finder)
    asked = check(asked or Choice(), cells)
    asked = _by_name(asked, cells)
    found = matches(cells, columns, finder)
    recording, question = _recording(asked, cells, found)
    asked = replace(asked, recording=recording)
    suggestions = _suggestions(asked, cells, columns)
    if asked.superclasses and not asked.labels and not asked.values:
        asked = replace(asked, labels=tuple(_scp_columns(cells, columns)[:1]))
    if not asked.labels and not asked.values:
        asked = _certain(asked, cells, columns)
    if asked.labels and asked.values:
        question = (
            f"The table has both labels ({asked.labels[0]}) and values ({asked.values[0]}). Choose one of them, or "
            "attach two tables."
        )
    elif not (asked.labels or asked.values):
        question = " ".join(filter(None, (question, _WHICH_LABELS)))
    return Proposal(found, suggestions, check(asked, cells) if not question else asked, question)


def settle(cells: Cells, columns: Sequence[Column], finder: Finder, asked: Choice | None = None) -> Choice:
    """Return the complete choice.

    Raises LabelChoiceError with the likely ones where something must be asked, LabelTableError where nothing could be.
    """
    proposal = propose(cells, columns, finder, asked)
    told = " ".join((proposal.question, *cells.notes))
    if proposal.choice is None and sum(column.kind != "empty" for column in columns) < 2:
        raise LabelTableError(f"{told} It has only the column {', '.join(cells.header)}.")
    if proposal.choice is None:
        likely = [(one.title, one.choice.to_json()) for one in _likely(proposal)]
        raise LabelChoiceError(told, cells.header, likely)
    return proposal.choice


def _likely(proposal: Proposal) -> Sequence[Suggestion]:
    known = proposal.completed
    is_chosen = bool(known.labels or known.values) and known.recording
    return (Suggestion("the labels as they are", known),) if is_chosen else proposal.suggestions


def _by_name(asked: Choice, cells: Cells) -> Choice:
    """Fill in patient, part and code by the names of columns, where nothing was said of them."""
    first = {
        "patient": next(iter(named(cells.header, PATIENT_NAMES)), ""),
        "split": next(iter(named(cells.header, SPLIT_NAMES)), ""),
        "fold": next(iter(named(cells.header, FOLD_NAMES)), ""),
        "code": next(iter(named(cells.header, CODE_NAMES)), ""),
    }
    if asked.split or (first["split"] and asked.fold is None):
        first["fold"] = ""
    if asked.fold:
        first["split"] = ""
    taken = {*asked.labels, *asked.values}
    open_: dict[str, Any] = {
        name: "" if column in taken else column for name, column in first.items() if getattr(asked, name) is None
    }
    return replace(asked, **open_)


def _recording(asked: Choice, cells: Cells, found: Sequence[Match]) -> tuple[tuple[str, ...], str]:
    """Return what names the recordings, and the question where it is not clear."""
    if asked.recording:
        return asked.recording, ""
    taken = {*asked.labels, *asked.values, asked.patient, asked.part, *named(cells.header, LABEL_NAMES)}
    by_name = [name for name in named(cells.header, RECORDING_NAMES) if name not in taken]
    matching = [one for one in found if not taken & set(one.columns)]
    if not matching:
        if by_name:
            return ("{" + by_name[0] + "}",), ""
        return (), (
            "No column of the table is named 'file_name', and none finds a recording of the project. Choose the column "
            "that names the recordings, or a template such as 'HR{number:05d}'."
        )
    of_name = [one for one in matching if set(one.columns) & set(by_name)]
    best = next((one for one in of_name if one.n_matched == matching[0].n_matched and one.is_plain), matching[0])
    if "{#" in best.template and cells.kind != "numpy":
        return (best.template,), (
            "No column of the table names the recordings. If row after row belongs to one of them after the other, "
            f"choose {best.template}."
        )
    if by_name and not of_name:  # the column so named finds nothing yet, and this one may do so by chance
        return (best.template,), (
            f"The column {by_name[0]} finds no recording, but {best.template} finds {best.n_matched}. Choose one."
        )
    rivals = [one for one in of_name or matching if one is not best]
    rivals += [one for one in matching if one.n_matched > best.n_matched]
    other = next((one for one in rivals if conflict(best, one)), None)
    if other is not None:
        return (best.template,), (
            f"{best.template} and {other.template} both find recordings, and not the same ones. Choose one."
        )
    return (best.template,), ""


def _certain(asked: Choice, cells: Cells, columns: Sequence[Column]) -> Choice:
    """Fill in the labels, or values, where the table leaves no doubt; else return the choice as it was."""
    values = tuple(name for name in cells.header if value_name(name))
    by_name = named(cells.header, LABEL_NAMES)
    if values or by_name:
        if by_name and not values and not _are_words(cells, by_name[0]):
            return asked
        return replace(asked, labels=tuple(by_name[:1]), values=values)
    rest = _rest(asked, cells, columns)
    flags = [column for column in rest if column.kind == "yes_no"]
    if flags and not any(is_fact(one.name) or has_unsure(cells.column(one.name)) for one in flags):
        others = [column for column in rest if column.kind != "yes_no" and not is_fact(column.name)]
        return asked if others else replace(asked, labels=tuple(column.name for column in flags))
    if len(rest) == 1 and rest[0].kind == "text" and not is_fact(rest[0].name):
        return replace(asked, labels=(rest[0].name,))
    return asked


def _rest(asked: Choice, cells: Cells, columns: Sequence[Column]) -> list[Column]:
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


def _are_words(cells: Cells, name: str) -> bool:
    """Whether a column named as labels holds classes: anything but decimals."""
    return not any(re.fullmatch(r"[-+]?\d*[.,]\d*[1-9]\d*", cell) for cell in cells.column(name))


def _scp_columns(cells: Cells, columns: Sequence[Column]) -> list[str]:
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


def _suggestions(asked: Choice, cells: Cells, columns: Sequence[Column]) -> tuple[Suggestion, ...]:
    asked = replace(asked, labels=(), values=(), superclasses=False)
    rest = _rest(asked, cells, columns)
    made: list[tuple[str, Choice]] = []

    def add(title: str, names: Sequence[str], superclasses: bool = False) -> None:
        if names and len(made) < MOST_SUGGESTIONS:
            made.append((title, replace(asked, labels=tuple(names), superclasses=superclasses)))

    for name in _scp_columns(cells, columns):
        add(f"the five diagnostic superclasses of the SCP codes in {name}", [name], superclasses=True)
        add(f"the SCP codes in {name}", [name])
    codes = {choice.labels for _, choice in made}
    for column in rest:
        if column.kind in ("dictionary", "list") and (column.name,) not in codes:
            add(f"the entries of {column.name}", [column.name])
    for name in named(cells.header, LABEL_NAMES)[:1]:
        if _are_words(cells, name):
            add(f"the column {name}", [name])
        else:
            made.append((f"the numbers in {name}, to be learned as values", replace(asked, values=(name,))))
    flags = [column.name if column.kind == "yes_no" and not is_fact(column.name) else "" for column in columns]
    runs = sorted((list(run) for is_run, run in groupby(flags, bool) if is_run), key=len, reverse=True)
    for run in runs[:2]:
        title = "one label for each of the columns" if len(run) > 1 else "yes or no by"
        add(f"{title} {_few(run)}", [name for name in run if name in {column.name for column in rest}])
    if not codes:
        words = [column for column in rest if column.kind == "text" and not is_fact(column.name)]
        for family in _families(words):
            add(f"the texts in {_few(family)}", family)
        classes = [column for column in rest if _is_class(column)]
        for column in [one for one in classes if one.kind == "text"] or classes:
            add(f"the classes in {column.name}", [column.name])
    if not made:
        for column in rest:
            if column.kind == "yes_no":
                add(f"yes or no by {column.name}", [column.name])
    return tuple(Suggestion(title, choice) for title, choice in made)


def _is_class(column: Column) -> bool:
    """Whether a column holds words, or small whole numbers, each of them often."""
    if is_fact(column.name) or plain_name(column.name) in LABEL_NAMES:
        return False
    if column.kind == "number":
        return column.n_distinct <= _MOST_NUMBERED and all(re.fullmatch(r"\d{1,2}", cell) for cell in column.examples)
    return column.kind == "text" and 1 < column.n_distinct <= min(_MOST_CLASSES, column.n_filled / 2)


def _families(columns: Sequence[Column]) -> list[list[str]]:
    """Return the columns that are numbered under one name, such as report_0, report_1 …"""
    families: dict[str, list[str]] = {}
    for column in columns:
        found = _NUMBERED.fullmatch(column.name)
        if found:
            families.setdefault(found[1], []).append(column.name)
    return [names for names in families.values() if len(names) > 1]


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 8 else f"{', '.join(names[:7])} … {names[-1]}"
