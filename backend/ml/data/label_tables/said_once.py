"""Rows of a table that name one recording: said twice alike they count once, contradicting each other not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.ml.data.label_tables.rows import LabelRow

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class SaidOnce:
    """The numbers of the rows that are left out, and why."""

    left_out: frozenset[int]
    notes: tuple[str, ...]


def said_once(rows: Sequence[LabelRow], found: Sequence[str | None]) -> SaidOnce:
    """Return which rows do not count, `found` being the recording of each, or None where there is none yet.

    Which of two rows that differ is right, or whether both hold, nobody can tell but who wrote them. Rows that wait
    for their recording are compared by the name that they ask for.
    """
    same: dict[str, list[LabelRow]] = {}
    for row, recording in zip(rows, found, strict=True):
        same.setdefault(recording or f"/{row.file_name}", []).append(row)
    again: list[list[LabelRow]] = []
    against: list[list[LabelRow]] = []
    for group in same.values():
        if len(group) > 1:
            (again if len({_says(row) for row in group}) == 1 else against).append(group)
    left = {row.row for group in against for row in group} | {row.row for group in again for row in group[1:]}
    notes = []
    if again:
        count = sum(len(group) - 1 for group in again)
        notes.append(f"{count} rows say again what a row above says of the same recording: {_shown(again)}.")
    if against:
        notes.append(
            f"{len(against)} recordings have several rows that differ, so that none of them got the label: "
            f"{_shown(against)}. Correct the rows; several labels of one recording go into one cell, separated by ';'."
        )
    return SaidOnce(frozenset(left), tuple(notes))


def _says(row: LabelRow) -> LabelRow:
    return replace(row, row=0, file_name="", labels=tuple(sorted(row.labels)))


def _shown(groups: Sequence[Sequence[LabelRow]]) -> str:
    told = [
        f"{group[0].file_name} (rows {', '.join(str(row.row) for row in group[:_SHOWN])})" for group in groups[:_SHOWN]
    ]
    return ", ".join(told) + (f" and {len(groups) - _SHOWN} more" if len(groups) > _SHOWN else "")
