"""Which columns, as they are or under a template, find recordings of the project: tried over all columns.

Beside the plain column are tried the names that the project's own recordings have: 17 may be HR00017 or 00017_hr, or
the number of a record in a stack; and the order of the rows, where a stack has as many recordings as the table rows.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from backend.ml.data.label_tables.cells import Cells, whole
from backend.ml.data.label_tables.columns import (
    FOLD_NAMES,
    LABEL_NAMES,
    SPLIT_NAMES,
    Column,
    counts_rows,
    is_fact,
    named,
    names_recordings,
    patient_columns,
)
from backend.ml.data.label_tables.finder import Finder
from backend.ml.data.label_tables.templates import Template, columns_of

SAMPLE = 1000  # rows, spread over the table, on which templates are compared
EXACT = 3  # templates whose matches are counted over all rows of a long table
_PATTERNS = 4
_STACKS = 8
_NAMED_BY_NUMBER = re.compile(r"(.*?)(\d+)(\D*)")
_DIGITS = re.compile(r"\d+")
_PLACE = re.compile(r".*\[\{[^{}]*\}\]")


@dataclass(frozen=True, slots=True)
class Match:
    """How many rows of the table find a recording by a template; `found` are those of the rows of the sample.

    `columns` are the columns that the template names, `is_plain` whether it is one of them as it stands, `is_place`
    whether it gives places in a stack, and `is_sure` whether it does not find recordings by chance: numbers do, where
    their column is not named as what names recordings; and places, where it does not count the rows from 0 on.
    """

    template: str
    n_matched: int
    found: tuple[str | None, ...]
    columns: tuple[str, ...]
    is_plain: bool
    is_place: bool = False
    is_sure: bool = True


def matches(cells: Cells, columns: Sequence[Column], finder: Finder) -> tuple[Match, ...]:
    """Return the templates by which rows find recordings, best first; none where nothing is found.

    A column that finds the same recordings again and again names none of them: it is left out.
    """
    if not finder.recordings or not cells.rows:
        return ()
    step = max(1, len(cells.rows) // SAMPLE)
    sample = range(0, len(cells.rows), step)
    tried = []
    kinds = {column.name: column.kind for column in columns}
    for template in dict.fromkeys(_candidates(cells, columns, finder, sample)):
        fill = Template(template, cells.header).fill
        found = tuple(_find(finder, fill(cells.rows[number], number)) for number in sample)
        n_found = sum(one is not None for one in found)
        if n_found and len(set(found) - {None}) > 0.75 * n_found:
            uses = tuple(columns_of(template, cells.header))
            place = bool(_PLACE.fullmatch(template))
            sure = _is_place(template, uses, cells, finder) if place else _are_sure(uses, kinds)
            tried.append(Match(template, n_found, found, uses, template == "{" + "".join(uses) + "}", place, sure))
    tried.sort(key=_worth)
    return tuple(tried if step == 1 else sorted(_counted(tried, cells, finder, step), key=_worth))


def _are_sure(uses: Sequence[str], kinds: Mapping[str, str]) -> bool:
    """Whether columns that find recordings hardly do so by chance, as numbers do."""
    return all(kinds[name] not in ("number", "yes_no") or names_recordings(name) for name in uses)


def _is_place(template: str, uses: Sequence[str], cells: Cells, finder: Finder) -> bool:
    """Whether a column surely gives places in a stack: it counts rows, from 0 on, and all of its rows find one.

    Where no 0 is, the rows may be counted from 1, or be those of a larger data set.
    """
    if not all(counts_rows(name) and "0" in map(whole, cells.column(name)) for name in uses):
        return False
    fill = Template(template, cells.header).fill
    names = (fill(row, number) for number, row in enumerate(cells.rows))
    return all(finder.finds(name) is not None for name in names if name)


def _counted(tried: Sequence[Match], cells: Cells, finder: Finder, step: int) -> Iterator[Match]:
    """Yield matches with their number over all rows: counted for the best, and for the others from the sample."""
    known: dict[tuple[str | None, ...], int] = {}
    for place, one in enumerate(tried):
        if place < EXACT and one.found not in known:
            known[one.found] = count(one.template, cells, finder)
        yield replace(one, n_matched=known.get(one.found, one.n_matched * step))


def count(template: str, cells: Cells, finder: Finder) -> int:
    """Return how many rows of the whole table find a recording by a template."""
    fill = Template(template, cells.header).fill
    return sum(_find(finder, fill(row, number)) is not None for number, row in enumerate(cells.rows))


def conflict(one: Match, other: Match) -> bool:
    """Whether two templates find different recordings for any row of the sample."""
    return any(a != b for a, b in zip(one.found, other.found, strict=True) if a is not None and b is not None)


def _worth(match: Match) -> tuple[int, bool]:
    return -match.n_matched, not match.is_plain


def _find(finder: Finder, name: str) -> str | None:
    return finder.finds(name) if name else None


def _candidates(cells: Cells, columns: Sequence[Column], finder: Finder, sample: range) -> Iterator[str]:
    aside = [*patient_columns(cells.header), *named(cells.header, SPLIT_NAMES + FOLD_NAMES + LABEL_NAMES)]
    patterns, stacks = list(_patterns(finder)), list(finder.stacks())[:_STACKS]
    for index, column in enumerate(columns):
        if column.kind in ("empty", "dictionary", "list") or (
            is_fact(column.name) and not names_recordings(column.name)
        ):
            continue
        if "{" in column.name or "}" in column.name or column.name in aside:
            continue  # no template can name it, or it says by its name what else it is
        yield "{" + column.name + "}"
        if all(_DIGITS.fullmatch(whole(cells.rows[number][index]) or "0") for number in sample):
            for before, digits, after in patterns:
                padded = f":0{digits}d" if digits else ""
                yield f"{before}{{{column.name}{padded}}}{after}"
            for stem, size in stacks:
                if column.n_distinct <= size:
                    yield f"{stem}[{{{column.name}}}]"
    for stem, size in stacks:
        if size == len(cells.rows):
            yield f"{stem}[{{#}}]"


def _patterns(finder: Finder) -> Iterator[tuple[str, int, str]]:
    """Yield what stands before and after the number in the recordings' names, and the digits it is padded to."""
    counts: Counter[tuple[str, str]] = Counter()
    padded: dict[tuple[str, str], int] = {}
    for name in _names(finder):
        found = _NAMED_BY_NUMBER.fullmatch(name)
        if found and "[" not in name:
            key = (found[1], found[3])
            counts[key] += 1
            if found[2].startswith("0"):
                padded[key] = max(padded.get(key, 0), len(found[2]))
    for (before, after), _ in counts.most_common(_PATTERNS):
        digits = padded.get((before, after), 0)
        if before or after or digits:
            yield before, digits, after


def _names(finder: Finder) -> Iterator[str]:
    for one in finder.recordings:
        yield PurePosixPath(one.file_name).stem
        if one.record_id:
            yield one.record_id
