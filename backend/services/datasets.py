"""Datasets: tables of labels attached to the recordings of a project, and the report of what fits what.

How a row finds its recording says `backend.ml.data.label_tables.finder`; which columns are labels, `….propose`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from backend.db.session import write_session, write_session_of_many
from backend.db.tables import Dataset, DatasetEntry, Json, Recording, new_id
from backend.errors import NotFoundError
from backend.isolation.table import read_table
from backend.ml.data.label_tables.cells import Cells
from backend.ml.data.label_tables.choice import Choice, unused
from backend.ml.data.label_tables.columns import look
from backend.ml.data.label_tables.finder import Finder, Named, place_of
from backend.ml.data.label_tables.propose import settle
from backend.ml.data.label_tables.rows import LabelTable, labelled
from backend.ml.data.label_tables.said_once import said_once
from backend.pseudonym import kept_age
from backend.services import patients, projects, waiting_labels

NOTES = 1000
AT_ONCE = 1000  # rows of a unit of work: others that write wait no longer than these take


def create(
    session: Session, project_id: str, data: bytes, file_name: str, name: str = "", asked: Choice | None = None
) -> Dataset:
    """Attach a table of labels. Raises LabelTableError for what cannot be read, or is not clear (LabelChoiceError).

    Where others wait for the database, call `read_table` and `match` before the session is opened.
    """
    return attach(session, project_id, match(session, project_id, read_table(data), asked), file_name, name)


@dataclass(frozen=True, slots=True)
class Matched:
    """A table of labels whose rows have found their recordings, among those `known` at the time."""

    table: LabelTable
    entries: list[Json]
    notes: list[str]
    known: frozenset[str]


def finder(session: Session, project_id: str) -> Finder:
    """Return what finds the recordings of a project by their names."""
    return Finder(Named(*row) for row in session.execute(_names(project_id)))


def _names(project_id: str) -> Select[str, str, str, str | None]:
    """Ask for the recordings of a project by what `Named` holds."""
    return select(Recording.id, Recording.file_name, Recording.name, Recording.record_id).where(
        Recording.project_id == project_id
    )


def match(session: Session, project_id: str, cells: Cells, asked: Choice | None = None) -> Matched:
    """Make labelled rows of a table and find the recording of each.

    Raises LabelChoiceError where it is not clear which columns mean what and `asked` does not say it, LabelTableError
    for a cell that cannot be what it was chosen for.
    """
    finds, columns = finder(session, project_id), look(cells)
    choice = settle(cells, columns, finds, asked)
    table = labelled(cells, columns, choice)
    notes = [*cells.notes, *table.notes]
    if not (asked and (asked.labels or asked.values)) and (left := unused(choice, cells)):
        notes.append(f"Columns not used: {', '.join(left)}.")
    result = matched(project_id, table, finds, notes)
    result.notes.extend(patients.same_as_in_other_tables(session, project_id, result.entries))
    return result


def matched(project_id: str, table: LabelTable, finds: Finder, notes: Sequence[str]) -> Matched:
    """Find the recording of each row."""
    notes = list(notes)
    entries: list[Json] = []
    found = [finds.find(row.file_name) for row in table.rows]
    once = said_once(table.rows, found)
    for row, recording_id in zip(table.rows, found, strict=True):
        stem, folder = place_of(row.file_name)
        if row.row in once.left_out:
            continue
        entries.append(
            {
                "id": new_id(), "recording_id": recording_id, "row": row.row, "file_name": row.file_name,
                "labels": list(row.labels), "values": list(row.values), "stem": stem, "place": f"{folder}/{stem}",
                "part": row.part, "sex": row.sex, "age": kept_age(row.age),
                **patients.columns_of(project_id, row.patient_id),
            }
        )  # fmt: skip
    in_vain = (row.file_name for row, recording_id in zip(table.rows, found, strict=True) if recording_id is None)
    notes += [*once.notes, *finds.ambiguous_notes(), *finds.capitals_note(in_vain)]
    return Matched(table, entries, notes, frozenset(one.id for one in finds.recordings))


def attach(session: Session, project_id: str, matched: Matched, file_name: str, name: str = "") -> Dataset:
    """Attach a table whose rows have found their recordings; what has come and gone since is made good here."""
    projects.hold(session, project_id)
    dataset = _row(project_id, matched, file_name, name)
    session.add(dataset)
    session.flush()
    _insert(session, dataset.id, matched.entries)
    _link_who_came(session, project_id, matched)
    return dataset


def attach_in_parts(url: str, project_id: str, matched: Matched, file_name: str, name: str = "") -> str:
    """Attach a table that may be large, some rows a unit of work, so that others can write in between.

    Nobody sees the dataset before all of its rows are there. Returns its id.
    """
    with write_session(url) as session:
        projects.hold(session, project_id)
        dataset = _row(project_id, matched, file_name, name)
        dataset.complete = False
        session.add(dataset)
    for start in range(0, len(matched.entries), AT_ONCE):
        with write_session_of_many(url) as session:
            projects.hold(session, project_id)
            _insert(session, dataset.id, matched.entries[start : start + AT_ONCE])
    with write_session(url) as session:
        projects.hold(session, project_id)
        _link_who_came(session, project_id, matched)
        session.get_one(Dataset, dataset.id).complete = True
    return dataset.id


def _row(project_id: str, matched: Matched, file_name: str, name: str) -> Dataset:
    table = matched.table
    return Dataset(
        project_id=project_id, name=name.strip() or PurePosixPath(file_name).stem or "labels", file_name=file_name,
        task=table.task, labels=list(table.labels), codes=dict(table.codes), split_column=table.split_column,
        notes=matched.notes[:NOTES], choice=table.choice.to_json(),
    )  # fmt: skip


def _insert(session: Session, dataset_id: str, entries: Sequence[Json]) -> None:
    """Store rows; a recording that was deleted since it was found is not named."""
    for start in range(0, len(entries), AT_ONCE):
        some = entries[start : start + AT_ONCE]
        wanted = [entry["recording_id"] for entry in some if entry["recording_id"] is not None]
        still_here = select(Recording.id).where(Recording.id.in_(wanted)).with_for_update(read=True, key_share=True)
        here = set(session.scalars(still_here))
        for entry in some:
            entry["dataset_id"] = dataset_id
            if entry["recording_id"] not in here:
                entry["recording_id"] = None
        session.execute(insert(DatasetEntry), some)


def _link_who_came(session: Session, project_id: str, matched: Matched) -> None:
    here = set(session.scalars(select(Recording.id).where(Recording.project_id == project_id)))
    come = sorted(here - matched.known)
    for start in range(0, len(come), AT_ONCE):
        rows = session.execute(_names(project_id).where(Recording.id.in_(come[start : start + AT_ONCE])))
        waiting_labels.link(session, project_id, [Named(*row) for row in rows])


def get(session: Session, project_id: str, dataset_id: str) -> Dataset:
    """Return a dataset of a project. Raises NotFoundError."""
    dataset = session.get(Dataset, dataset_id)
    if dataset is None or dataset.project_id != project_id or not dataset.complete:
        raise NotFoundError(f"There is no dataset {dataset_id} in this project. Attach a table of labels first.")
    return dataset


def list_datasets(session: Session, project_id: str) -> Sequence[Dataset]:
    """Return the datasets of a project, the newest first."""
    return session.scalars(
        select(Dataset).where(Dataset.project_id == project_id, Dataset.complete).order_by(Dataset.created_at.desc())
    ).all()


def delete(session: Session, dataset: Dataset) -> None:
    """Detach a table of labels. Models trained with it stay."""
    session.delete(dataset)
