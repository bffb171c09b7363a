"""Labels that were attached before their recordings came, found by the names of these when they come.

Which recording a row of labels means says `Finder` alone; it is shown only the rows and recordings that share a name,
which the database finds by an index. So neither a long table that waits nor a large project makes an upload slower.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.db.session import insert_rows
from backend.db.tables import Dataset, DatasetEntry, Recording, RecordingName
from backend.ml.data.label_tables.finder import (
    Finder,
    Named,
    Place,
    places_asked_for,
    places_of,
    places_that_ask_for,
)

AT_ONCE = 256  # recordings looked for together
_NAMES = 5000  # of a question: SQLite takes 32,766 values


def add_names(session: Session, new: Sequence[Named]) -> None:
    """Store the names of new recordings."""
    rows = [
        {"name": name, "place": f"{folder}/{name}", "recording_id": one.id}
        for one in new
        for name, folder in places_of(one)
    ]
    insert_rows(session, RecordingName, rows)


def rename(session: Session, recordings: Sequence[Recording]) -> None:
    """Store the names of recordings anew, whose files have been read again."""
    session.execute(delete(RecordingName).where(RecordingName.recording_id.in_([row.id for row in recordings])))
    add_names(session, [Named(row.id, row.file_name, row.name, row.record_id) for row in recordings])


def link(session: Session, project_id: str, new: Sequence[Named]) -> None:
    """Give rows of labels that have no recording theirs, among new recordings whose names are stored."""
    datasets = set(session.scalars(select(Dataset.id).where(Dataset.project_id == project_id)))
    if not datasets:
        return
    for start in range(0, len(new), AT_ONCE):
        if found := _found(session, project_id, datasets, new[start : start + AT_ONCE]):
            session.execute(update(DatasetEntry), found)


def _found(session: Session, project_id: str, datasets: Collection[str], new: Sequence[Named]) -> list[dict[str, str]]:
    rows: dict[str, Any] = {}
    for column, values in _at(DatasetEntry.stem, DatasetEntry.place, set().union(*map(places_that_ask_for, new))):
        # By names alone: told that they wait, or in which tables, SQLite looks through all of those rather.
        entries = select(
            DatasetEntry.id,
            DatasetEntry.dataset_id,
            DatasetEntry.recording_id,
            DatasetEntry.row,
            DatasetEntry.file_name,
        ).where(column.in_(values))
        for row in session.execute(entries):
            if row.recording_id is None and row.dataset_id in datasets:
                rows[row.id] = row
    if not rows:
        return []
    finds = Finder(_rivals(session, project_id, {row.file_name for row in rows.values()}))
    ids = {one.id for one in new}
    found: dict[tuple[str, str], str] = {}
    for row in sorted(rows.values(), key=lambda row: row.row):
        recording_id = finds.find(row.file_name)
        if recording_id in ids:
            found.setdefault((row.dataset_id, recording_id), row.id)
    return [{"id": row_id, "recording_id": recording_id} for (_, recording_id), row_id in found.items()]


def _rivals(session: Session, project_id: str, file_names: Collection[str]) -> Collection[Named]:
    """Return all recordings of the project that rows of these names may mean."""
    places = set().union(*map(places_asked_for, file_names))
    ids = sorted(
        {
            recording_id
            for column, values in _at(RecordingName.name, RecordingName.place, places)
            for recording_id in session.scalars(select(RecordingName.recording_id).where(column.in_(values)))
        }
    )
    found: list[Named] = []
    for start in range(0, len(ids), _NAMES):
        # Told apart by project here, as above.
        rows = session.execute(
            select(Recording.id, Recording.file_name, Recording.name, Recording.record_id, Recording.project_id).where(
                Recording.id.in_(ids[start : start + _NAMES])
            )
        )
        found += [Named(*row[:4]) for row in rows if row.project_id == project_id]
    return found


def _at(
    name: InstrumentedAttribute[str], place: InstrumentedAttribute[str], places: Collection[Place]
) -> Iterator[tuple[InstrumentedAttribute[str], list[str]]]:
    """Yield a column and values of it by which what is at one of the places is found; a name alone is at any."""
    anywhere = {called for called, folder in places if not folder}
    within = {f"{one}/{called}" for called, folder in places if folder for one in (folder, "")}
    for column, values in ((name, sorted(anywhere)), (place, sorted(within))):
        for start in range(0, len(values), _NAMES):
            yield column, values[start : start + _NAMES]
