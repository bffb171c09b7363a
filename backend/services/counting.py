"""How many recordings a list has: all counted, or past a size about how many (decision 0019).

A project of some tens of thousands is counted to the end, as is every list on SQLite. In a larger one on Postgres a
list is counted up to `EXACT`; what is longer is told from a sample: those recordings whose id, which is random, begins
low enough. The same project gives the same sample, so that a figure does not flicker.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from backend.db.tables import Recording

LARGE: Final = 50_000
"""Recordings from about which on a project is not counted to the end each time."""
EXACT: Final = 10_000
"""Recordings of a list up to which it is counted one by one in a large project."""
SAMPLE: Final = 4_096
"""Recordings that are looked at to tell how many there are: a tenth of the project is told within 10 %, most times."""
_FIRST: Final = 256  # the part of a project whose size is counted to know the whole's
_DIGITS: Final = 8


class Number(NamedTuple):
    """How many there are; `about`: told from a sample, in two digits."""

    n: int
    about: bool = False


def size_of(session: Session, project_id: str) -> int | None:
    """Return about how many recordings a large project has, None for one that can be counted each time."""
    return sizes_of(session, [project_id]).get(project_id)


def sizes_of(session: Session, project_ids: Sequence[str]) -> dict[str, int]:
    """Return about how many recordings each of these projects has that is large."""
    if session.get_bind().dialect.name != "postgresql":
        return {}
    few = select(Recording.project_id, func.count()).where(
        Recording.project_id.in_(project_ids), Recording.id < _share(1 / _FIRST)
    )
    rows = session.execute(few.group_by(Recording.project_id))
    return {project_id: n * _FIRST for project_id, n in rows if n * _FIRST >= LARGE}


def count(
    session: Session, project_id: str, statement: Select[Any], beside: Sequence[ColumnElement[Any]] = ()
) -> Number:
    """Count what a statement asks for, of which each row is a recording of the project.

    `beside` are columns that hold the recording's id in tables that are joined: they are sampled by it as well.
    """
    size = size_of(session, project_id)
    if size is None:
        return Number(session.scalar(statement.with_only_columns(func.count())) or 0)
    share = min(1.0, SAMPLE / size)
    low = _share(share)
    some = statement.with_only_columns(func.count()).where(Recording.id < low, *(column < low for column in beside))
    told = round((session.scalar(some) or 0) / share)
    if told < 2 * EXACT:
        up_to = statement.with_only_columns(Recording.id).limit(EXACT + 1).subquery()
        n = session.scalar(select(func.count()).select_from(up_to)) or 0
        if n <= EXACT:
            return Number(n)
    return Number(max(EXACT, rounded(told)), about=True)


def rounded(n: int) -> int:
    """Return a number in its first two digits."""
    return n if n < 100 else round(n, 2 - len(str(n)))


def _share(share: float) -> str:
    """Return the id below which a share of all ids is."""
    return "g" if share >= 1 else f"{int(share * 16**_DIGITS):0{_DIGITS}x}"
