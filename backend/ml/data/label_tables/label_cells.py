"""What reads the labels in the cells of one column, by what the whole column holds."""

import math
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from backend.ml.data.label_tables.choice import Choice
from backend.ml.data.label_tables.columns import CODE_LIST, are_alternatives
from backend.ml.data.label_tables.literals import LiteralError, is_literal, numbers, parse
from backend.ml.data.label_tables.truths import (
    NOT_KNOWN,
    is_error,
    known,
    odd_one,
    plain_truth,
    truths,
    without_decimals,
)
from backend.ml.errors import LabelTableError

_TRUTHS = re.compile(r"(?<![\w'\"])(true|false)_?(?![\w'\"])", re.IGNORECASE)  # no text within a list
_NO_TEXT = NOT_KNOWN - {"none", "na", "n/a"}  # of those one may be a label: nothing found, not applicable
_MARKS = re.compile(r"[\s,;|]+")
_FIGURES = re.compile(r"[01](?:[\s,;|]+[01])+")  # 1,0,0: yes and no by their place
_DECIMAL = re.compile(r"[-+]?\d*[.,]\d*[1-9]\d*([eE][-+]?\d+)?")


class UnknownError(Exception):
    """A cell says neither yes nor no."""


@dataclass(frozen=True, slots=True)
class Labelling:
    """Reads one column: `read` the labels of a cell, counting in its second argument codes below the likelihood.

    `flags` are labels of which each cell says yes or no, so that none of them is an answer too. `read` raises
    UnknownError where a cell leaves that open, LiteralError for a broken list.
    """

    read: Callable[[str, Counter[str]], list[str]]
    flags: tuple[str, ...] = ()
    note: str = ""


@lru_cache(maxsize=100_000)
def tidy(label: str) -> str:
    """Return a label in one spelling: accents as one character each, one plain blank between words."""
    return " ".join(unicodedata.normalize("NFC", label).split())


def labelling(
    name: str, kind: str, column: Sequence[str], choice: Choice, are_classes: bool, among_flags: bool = False
) -> Labelling:
    """Return what reads a column. Raises LabelTableError.

    `are_classes` is whether 0 and 1 are labels themselves, `among_flags` whether other columns say yes or no.
    """
    if kind == "yes_no" and not are_classes:
        return _flag(name, column)
    if kind == "text" and all(_FIGURES.fullmatch(cell) for cell in column if known(cell)):
        return _list(name, column, of_texts=True)
    if kind == "text" and not are_classes and (odd := odd_one(column, among_flags)):
        row = next(row for row, cell in enumerate(column, start=1) if plain_truth(cell) == odd)
        raise LabelTableError(
            f"Row {row} of the table has {column[row - 1][:40]!r} in the column {name!r}, which else says yes or no. "
            "Write yes or no, or leave the cell empty."
        )
    if kind == "list":
        return _list(name, column)
    if kind == "dictionary":
        return _dictionary(name, column, choice)
    if kind == "number":
        decimal = next((cell for cell in column if _DECIMAL.fullmatch(cell)), "")
        if decimal:
            raise LabelTableError(
                f"The column {name!r} holds numbers such as {decimal[:40]}, which are no labels. Choose it as values "
                "to be learned, or write labels."
            )
        if len(choice.labels) > 1 and not are_alternatives(choice.labels):
            raise LabelTableError(
                f"The column {name!r} holds numbers, whose meaning is lost among the labels of other columns. Write "
                "words or yes and no into it, or attach it as a table of its own."
            )
    return Labelling(_texts(choice, kind in ("number", "yes_no")))


def _flag(name: str, column: Sequence[str]) -> Labelling:
    said = truths(column) or {}
    writes_no = False in said.values()

    def flag(cell: str, _below: Counter[str]) -> list[str]:
        answer = said.get(plain_truth(cell)) if known(cell) else None
        if answer is None and (writes_no or known(cell)):
            raise UnknownError
        return [name] if answer else []

    return Labelling(flag, (name,))


def _list(name: str, column: Sequence[str], of_texts: bool = False) -> Labelling:
    written = {cell: f"[{_MARKS.sub(' ', cell)}]" if of_texts else cell for cell in column if known(cell)}
    lists = {cell: numbers(text) for cell, text in written.items()}
    values = {value for row in lists.values() for value in row or ()}
    sizes = {len(row) if row else 0 for row in lists.values()}
    are_truths = of_texts or any(map(_TRUTHS.search, lists))
    are_even = values <= {0.0, 1.0} and len(sizes) == 1 and None not in lists.values()
    if are_truths and not are_even:
        raise LabelTableError(
            f"The lists of the column {name!r} hold yes and no by their place, but not as many in each row. Write the "
            "labels, or a column of yes and no for each."
        )
    if are_even and (are_truths or (values == {0.0, 1.0} and sizes != {1})):
        flags = tuple(f"{name} {place}" for place in range(sizes.pop()))

        def positions(cell: str, _below: Counter[str]) -> list[str]:
            if not known(cell):
                raise UnknownError
            return [flag for flag, value in zip(flags, lists[cell] or (), strict=True) if value]

        said = f"The lists of {name} say yes (1) and no (0) by their place: the labels are {flags[0]} to {flags[-1]}."
        return Labelling(positions, flags, said)
    odd = next((value for value in values if not value.is_integer()), None)
    if odd is not None:
        raise LabelTableError(
            f"The lists of the column {name!r} hold numbers such as {odd:g}, which are no labels. Write the labels, or "
            "a column of yes and no for each."
        )
    return Labelling(_literals(0.0))


def _dictionary(name: str, column: Sequence[str], choice: Choice) -> Labelling:
    """Return what reads dictionaries, in which 0 is a no or a likelihood that is not stated.

    It is a no beside nothing but 1; beside True, as False is; and where every row has the same codes, of which one is
    0 here and not there. As PTB-XL writes `scp_codes`, with the codes of each row its own, 0 is not stated.
    """
    entries = [parsed for cell in dict.fromkeys(column) if is_literal(cell) and (parsed := _parsed(cell))]
    said = [value for row in entries for value in row.values()]
    values = {min(1.0, max(0.0, value)) if abs(value) > 1e9 else value for value in said}
    if choice.threshold:
        return Labelling(_literals(choice.threshold))
    if values == {0.0} and -math.inf not in said:
        raise LabelTableError(
            f"The dictionaries of the column {name!r} hold nothing but 0, which may be a no or a likelihood that is "
            "not stated. Write lists of the labels that hold, or 1 and 0."
        )
    if values == {0.0, 1.0} or math.inf in said or -math.inf in said or _says_no(entries):
        likely = _literals(sys.float_info.min)

        def yes(cell: str, _below: Counter[str]) -> list[str]:
            if not known(cell):
                raise UnknownError
            return likely(cell, Counter())

        return Labelling(yes, tuple(dict.fromkeys(code for row in entries for code in row)))
    if not values or max(values) > 1 or min(values) < 0 or len(values) == 1:
        return Labelling(_literals(0.0))
    raise LabelTableError(
        f"The dictionaries of the column {name!r} hold numbers from 0 to 1 such as {sorted(values)[1]:g}. Choose the "
        "likelihood from which on a code counts (threshold), for example 0.5."
    )


def _says_no(entries: Sequence[Mapping[str, float]]) -> bool:
    """Whether all dictionaries have the same codes, of whole numbers, and 0 stands where others have more."""
    same = len(entries) > 1 and len({frozenset(row) for row in entries}) == 1
    more = {code for row in entries for code, value in row.items() if value > 0}
    return (
        same
        and max(max(row.values()) for row in entries) > 1
        and any(row[code] == 0 for row in entries for code in more)
    )


def _parsed(cell: str) -> dict[str, float] | None:
    try:
        return parse(cell)
    except LiteralError:
        return None  # told with its row when that is read


def _literals(threshold: float) -> Callable[[str, Counter[str]], list[str]]:
    read: dict[str, dict[str, float]] = {}  # a table says the same in many rows

    def literal(cell: str, below: Counter[str]) -> list[str]:
        if cell not in read:
            read[cell] = parse(cell) if is_literal(cell) else {}
        below.update(entry for entry, likelihood in read[cell].items() if likelihood < threshold)
        return [entry for entry, likelihood in read[cell].items() if likelihood >= threshold]

    return literal


def _texts(choice: Choice, are_numbers: bool) -> Callable[[str, Counter[str]], list[str]]:
    marks = re.compile("|".join(map(re.escape, dict.fromkeys([*choice.separators, "\n", "\r"]))))
    several = re.compile(r"\s*[,;|/+ ]\s*")

    def text(cell: str, _below: Counter[str]) -> list[str]:
        if is_literal(cell) and (entries := _parsed(cell)) is not None:
            return list(entries)
        parts = [part.strip() for part in (several if CODE_LIST.fullmatch(cell) else marks).split(cell)]
        parts = [part for part in parts if part.lower() not in _NO_TEXT and not is_error(part)]
        return [without_decimals(part) for part in parts] if are_numbers else parts

    return text
