"""Pages of lists of very many recordings: read from an index, those that have a value first and then those without.

The order is that of `recording_lists`, which asks for it in one expression; no index could serve that both ways.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, literal, tuple_
from sqlalchemy.orm import Session

from backend.db.tables import Recording

BY_FILE: Final[tuple[ColumnElement[Any], ...]] = (
    Recording.file_name.expression, Recording.index.expression, Recording.id.expression,
)  # fmt: skip
"""By file name; no two are alike."""
INDEXED: Final = ("created_at", "recorded_at", "rate", "duration", "age", "sex", "patient_id", "device", "format")
"""Sorts that have an index (`backend.db.large`, and the tables themselves)."""


def parts(
    statement: Select[Any], key: ColumnElement[Any], own: Sequence[Any] | None, descending: bool, forward: bool = True
) -> list[Select[Any]]:
    """Return what is read one after the other: recordings with a value, those without, each in its order.

    `own` (value or None, then as `BY_FILE`) is the recording behind which one begins, or before it, not `forward`.
    """
    down = descending if forward else not descending
    with_value, without = (
        (statement.where(key.is_not(None)), (key, *BY_FILE)), (statement.where(key.is_(None)), BY_FILE)
    )  # fmt: skip
    found: list[Select[Any]] = []
    for (some, order), has_value in ((with_value, True), (without, False)):
        if own is None or (own[0] is not None) == has_value:
            begun = some if own is None else some.where(_past(order, own if has_value else own[1:], down))
        elif (own[0] is not None) == forward:  # the other part is all still to come
            begun = some
        else:
            continue
        found.append(begun.order_by(*directed(order, down)))
    return found if forward else found[::-1]


def page(session: Session, of: Sequence[Select[Any]], size: int, skipped: int = 0) -> list[Recording]:
    """Return a page of what `parts` gives, after so many that are skipped."""
    rows: list[Recording] = []
    for part in of:
        found = session.scalars(part.offset(skipped).limit(size - len(rows))).all()
        rows += found
        if len(rows) == size:
            break
        if skipped:
            passed = part.order_by(None).with_only_columns(func.count())
            skipped = 0 if found else max(0, skipped - (session.scalar(passed) or 0))
    return rows


def directed(order: Sequence[ColumnElement[Any]], descending: bool) -> list[ColumnElement[Any]]:
    """Return an order one way or the other."""
    return [column.desc() if descending else column.asc() for column in order]


def _past(order: Sequence[ColumnElement[Any]], own: Sequence[Any], down: bool) -> ColumnElement[bool]:
    here = tuple_(*(literal(value, column.type) for value, column in zip(own, order, strict=True)))
    columns = tuple_(*order)
    return columns < here if down else columns > here
