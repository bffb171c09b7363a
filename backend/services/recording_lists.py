"""Lists of recordings: which ones, in which order, and where in the list one of them stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, case, cast, func, literal, select, tuple_
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, DatasetEntry, Recording
from backend.errors import InvalidInputError
from backend.services import counting, recording_filters
from backend.services.recording_filters import Filter, Listed
from backend.services.recording_pages import BY_FILE, INDEXED, directed, page, parts

SORTS = (
    "file_name", "created_at", "recorded_at", "rate", "duration", "age", "sex", "patient_id", "device", "label",
    "format", "import",
)  # fmt: skip
_BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Query:
    """Which recordings of a project, in which order; a page of them."""

    filter: Filter = field(default_factory=Filter)
    sort: str = "file_name"
    descending: bool = False
    page: int = 1
    size: int = 50
    after: str = ""  # id of a recording: the page begins with the one that follows it in the list


class Place(NamedTuple):
    """Where in a list a recording stands, from 1, and its neighbours there; None where it is not in the list."""

    position: int | None
    total: int
    previous_id: str | None
    next_id: str | None
    about: bool = False  # position and total are told from a sample (`counting`)


class Listing(NamedTuple):
    """A page of recordings, and how many there are in all."""

    rows: Sequence[Recording]
    total: int
    about: bool


def list_recordings(session: Session, project_id: str, query: Query) -> Listing:
    """Return one page of recordings and how many there are in all, of very many about how many.

    Raises InvalidInputError for an unknown sort, one that is too slow for very many, or where the recording is gone
    after which the page begins; NotFoundError for an import or a prediction that is not there.
    """
    listed = recording_filters.filtered(session, project_id, query.filter)
    statement = listed.statement
    n, about = counting.count(session, project_id, statement, listed.beside)
    if about and query.sort == "label":
        raise InvalidInputError("So many recordings are not sorted by label. Filter them by a label instead.")
    order, skipped = _order(session, project_id, query, listed), (query.page - 1) * query.size
    own = None
    if query.after:
        skipped, own = 0, _own(session, statement, order, query.after)
        if own is None:
            raise InvalidInputError("The recording after which the list is to go on is not in it any more. Begin anew.")
    if about and query.sort in INDEXED:
        key, _ = _key(session, project_id, query, listed)
        here = None if own is None else _value_of(own, query.descending)
        rows = page(session, parts(statement, key, here, query.descending), query.size, skipped)
        return Listing(rows, n, about)
    if query.filter.search and n <= counting.LARGE and counting.size_of(session, project_id):
        # Those of a folder lie side by side in the order of the list: who looks for them in it passes all others.
        found = statement.with_only_columns(Recording.id).offset(0).subquery()
        statement = select(Recording).where(Recording.id.in_(select(found.c.id)))
    if own is not None:
        statement = statement.where(_beside(order, own, query.descending)[1])
    ordered = statement.order_by(*directed(order, query.descending))
    return Listing(session.scalars(ordered.limit(query.size).offset(skipped)).all(), n, about)


def place_of(session: Session, project_id: str, query: Query, recording_id: str) -> Place:
    """Return where a recording stands in a list, found by what it is sorted by: no list is read to its end for it.

    Raises as `list_recordings`.
    """
    found = recording_filters.filtered(session, project_id, query.filter)
    order, listed = _order(session, project_id, query, found), found.statement
    total, about = counting.count(session, project_id, listed, found.beside)
    own = _own(session, listed, order, recording_id)
    if own is None:
        return Place(None, total, None, None, about)
    earlier, later = _beside(order, own, query.descending)
    if about and query.sort in INDEXED:
        key, _ = _key(session, project_id, query, found)
        here = _value_of(own, query.descending)
        beside = [
            [row.id for row in page(session, parts(listed, key, here, query.descending, forward), 1)]
            for forward in (False, True)
        ]
        previous_id, next_id = (ids[0] if ids else None for ids in beside)
    else:
        ids = listed.with_only_columns(Recording.id)
        backwards = ids.where(earlier).order_by(*directed(order, not query.descending)).limit(1)
        onwards = ids.where(later).order_by(*directed(order, query.descending)).limit(1)
        previous_id, next_id = session.scalar(backwards), session.scalar(onwards)
    before, roughly = counting.count(session, project_id, listed.where(earlier), found.beside)
    position = min(before + 1, total) if about else before + 1
    return Place(position, total, previous_id, next_id, about or roughly)


def _value_of(own: Sequence[Any], descending: bool) -> tuple[Any, ...]:
    """Return what a recording is sorted by as `recording_pages` takes it: None in the place of a value it lacks."""
    lacks, value, *by_file = own
    return (None if lacks == (0 if descending else 1) else value, *by_file)


def _own(session: Session, listed: Select[Any], order: Sequence[ColumnElement[Any]], recording_id: str) -> Any:
    """Return by what a recording of a list is sorted, None where it is not in the list."""
    return session.execute(listed.where(Recording.id == recording_id).with_only_columns(*order)).first()


def _beside(
    order: Sequence[ColumnElement[Any]], own: Sequence[Any], descending: bool
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return which recordings are earlier, and which later, in the list than one that is sorted by `own`."""
    here = tuple_(*(literal(value, column.type) for value, column in zip(own, order, strict=True)))
    columns = tuple_(*order)
    return (columns > here, columns < here) if descending else (columns < here, columns > here)


def _order(session: Session, project_id: str, query: Query, listed: Listed) -> list[ColumnElement[Any]]:
    """Return what recordings are sorted by: never NULL, so that they can be compared; no two are alike.

    Those without a value come last, whichever way.
    """
    if query.sort not in SORTS:
        raise InvalidInputError(f"Recordings cannot be sorted by {query.sort!r}; use one of {', '.join(SORTS)}.")
    if query.sort == "file_name":
        return list(BY_FILE)
    key, nothing = _key(session, project_id, query, listed)
    lacks = case((key.is_(None), 0 if query.descending else 1), else_=1 if query.descending else 0)
    return [lacks, func.coalesce(key, nothing, type_=key.type), *BY_FILE]


def _key(session: Session, project_id: str, query: Query, listed: Listed) -> tuple[ColumnElement[Any], Any]:
    if query.sort == "duration":
        return Recording.n_samples / Recording.rate, 0.0
    if query.sort == "label":
        return _label_key(session, project_id, query.filter.dataset_id)
    if query.sort == "import":
        if listed.number is None:
            raise InvalidInputError("Only the recordings of an import can be sorted by their place in it: name one.")
        return listed.number, 0
    column: ColumnElement[Any] = getattr(Recording, query.sort)
    nothing: Any = "" if isinstance(column.type, String) else _BEFORE_ALL if query.sort.endswith("_at") else 0.0
    return column, nothing


def _label_key(session: Session, project_id: str, dataset_id: str) -> tuple[ColumnElement[Any], Any]:
    """Sort by the table that is named, or the newest of labels or, without any, the first value of the newest one."""
    task = session.scalar(select(Dataset.task).where(Dataset.id == dataset_id)) if dataset_id else None
    if task not in (None, "regression"):
        return _of_entry(cast(DatasetEntry.labels, String), dataset_id), ""
    if task is None and (newest := recording_filters.newest(session, project_id, Dataset.task != "regression")):
        return _of_entry(cast(DatasetEntry.labels, String), newest), ""
    of_values = dataset_id or recording_filters.newest(session, project_id, Dataset.task == "regression")
    return _of_entry(DatasetEntry.values[0].as_float(), of_values), 0.0


def _of_entry(what: ColumnElement[Any], dataset_id: str | None) -> ColumnElement[Any]:
    mine = select(func.min(what)).where(
        DatasetEntry.recording_id == Recording.id, DatasetEntry.dataset_id == dataset_id
    )
    return mine.scalar_subquery()
