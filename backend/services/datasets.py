"""Datasets: tables of labels attached to the recordings of a project, and the report of what fits what.

A row finds its recording by file name: the full path, the name within its folder, that without its ending, or the
name of a record in a stack (`stack[3]`), in this order, and only where exactly one recording has that name. Folders
that both name must be the same: `anna/ecg.csv` is not `bert/ecg.csv`, but may be `study/anna/ecg.csv`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, DatasetEntry, Json, Recording, new_id
from backend.errors import NotFoundError
from backend.services import label_table, patients, projects, value_spread

LISTED = 1000


@dataclass(frozen=True, slots=True)
class Report:
    """How a table of labels and the recordings of a project fit each other."""

    n_rows: int
    n_matched: int
    n_unmatched: int
    n_unlabelled: int
    n_partial: int
    n_patients: int
    counts: list[Json]  # [{label, code, n_rows, n_recordings, values}]
    parts: dict[str, int]
    unmatched: list[str]
    unlabelled: list[str]


def create(
    session: Session, project_id: str, data: bytes, file_name: str, name: str = "", file_names: Sequence[str] = ()
) -> Dataset:
    """Attach a table of labels. Raises LabelTableError where it cannot be read."""
    table = label_table.parse(data, file_names)
    notes = list(table.notes)
    projects.hold(session, project_id)
    finder = _Finder(_names_of(session, project_id))
    entries: list[Json] = []
    taken: dict[str, int] = {}
    for row in table.rows:
        recording_id = finder.find(row.file_name)
        if recording_id is not None and recording_id in taken:
            notes.append(
                f"Row {row.row} ({row.file_name}) names the same recording as row {taken[recording_id]} and was left "
                "out. Put several labels of one recording into one cell, separated by ';'."
            )
            continue
        if recording_id is not None:
            taken[recording_id] = row.row
        entries.append(
            {
                "id": new_id(), "recording_id": recording_id, "row": row.row, "file_name": row.file_name,
                "labels": list(row.labels), "values": list(row.values),
                "patient_id": patients.hidden(project_id, row.patient_id), "part": row.part,
            }
        )  # fmt: skip
    notes.extend(finder.ambiguous_notes())
    dataset = Dataset(
        project_id=project_id, name=name.strip() or PurePosixPath(file_name).stem or "labels", file_name=file_name,
        task=table.task, labels=list(table.labels), codes=dict(table.codes), split_column=table.split_column,
        notes=notes[:LISTED],
    )  # fmt: skip
    session.add(dataset)
    session.flush()
    if entries:
        session.execute(insert(DatasetEntry), [entry | {"dataset_id": dataset.id} for entry in entries])
    return dataset


def get(session: Session, project_id: str, dataset_id: str) -> Dataset:
    """Return a dataset of a project. Raises NotFoundError."""
    dataset = session.get(Dataset, dataset_id)
    if dataset is None or dataset.project_id != project_id:
        raise NotFoundError(f"There is no dataset {dataset_id} in this project. Attach a table of labels first.")
    return dataset


def list_datasets(session: Session, project_id: str) -> Sequence[Dataset]:
    """Return the datasets of a project, the newest first."""
    return session.scalars(
        select(Dataset).where(Dataset.project_id == project_id).order_by(Dataset.created_at.desc())
    ).all()


def delete(session: Session, dataset: Dataset) -> None:
    """Detach a table of labels. Models trained with it stay."""
    session.delete(dataset)


def report(session: Session, dataset: Dataset) -> Report:
    """Count what the table names against what is here."""
    entries = session.execute(
        select(
            DatasetEntry.recording_id,
            DatasetEntry.file_name,
            DatasetEntry.labels,
            DatasetEntry.values,
            DatasetEntry.patient_id,
            DatasetEntry.part,
        )
        .where(DatasetEntry.dataset_id == dataset.id)
        .order_by(DatasetEntry.row)
    ).all()
    matched = [entry for entry in entries if entry.recording_id is not None]
    unmatched = [entry.file_name for entry in entries if entry.recording_id is None]
    here = {entry.recording_id for entry in matched}
    recordings = session.execute(
        select(Recording.id, Recording.name, Recording.file_name, Recording.patient_id, Recording.missing_leads)
        .where(Recording.project_id == dataset.project_id)
        .order_by(Recording.file_name, Recording.index)
    ).all()
    unlabelled = [row.file_name if row.name in row.file_name else row.name for row in recordings if row.id not in here]
    own_patient = {row.id: row.patient_id for row in recordings}
    people = {entry.patient_id or own_patient.get(entry.recording_id or "") for entry in matched} - {None}
    in_rows, in_recordings = (Counter(_told(dataset, rows)) for rows in (entries, matched))
    return Report(
        n_rows=len(entries),
        n_matched=len(matched),
        n_unmatched=len(unmatched),
        n_unlabelled=len(unlabelled),
        n_partial=sum(bool(row.missing_leads) for row in recordings if row.id in here),
        n_patients=len(people),
        counts=[
            {
                "label": label, "code": dataset.codes.get(label),
                "n_rows": in_rows[label], "n_recordings": in_recordings[label],
                "values": value_spread.spread([e.values[i] for e in entries if e.values and e.values[i] is not None]),
            }
            for i, label in enumerate(dataset.labels)
        ],
        parts=dict(sorted(Counter(entry.part for entry in matched if entry.part).items())),
        unmatched=unmatched[:LISTED],
        unlabelled=unlabelled[:LISTED],
    )  # fmt: skip


def _told(dataset: Dataset, entries: Iterable[Any]) -> Iterator[str]:
    """Yield each label that a row has, or the target whose value it has."""
    for entry in entries:
        if dataset.task != "regression":
            yield from entry.labels
        else:
            yield from (label for label, value in zip(dataset.labels, entry.values, strict=True) if value is not None)


def link_new_recordings(session: Session, project_id: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Give rows that had no recording theirs, now that it has come. Labels may be attached before the ECGs."""
    waiting = session.execute(
        select(DatasetEntry.id, DatasetEntry.dataset_id, DatasetEntry.file_name)
        .join(Dataset, Dataset.id == DatasetEntry.dataset_id)
        .where(Dataset.project_id == project_id, DatasetEntry.recording_id.is_(None))
    ).all()
    if not waiting:
        return
    new_ids = {str(row["id"]) for row in rows}
    finder = _Finder(_names_of(session, project_id))
    seen: set[tuple[str, str]] = set()
    for entry in waiting:
        recording_id = finder.find(entry.file_name)
        if recording_id in new_ids and (entry.dataset_id, recording_id) not in seen:
            seen.add((entry.dataset_id, recording_id))
            session.execute(update(DatasetEntry).where(DatasetEntry.id == entry.id).values(recording_id=recording_id))


class _Finder:
    """Finds a recording by any of its names; a name that several recordings have finds none of them."""

    def __init__(self, recordings: Iterable[tuple[str, str, str]]) -> None:
        self._by_name: tuple[dict[str, set[str]], ...] = ({}, {}, {}, {})
        self._folders: dict[str, tuple[str, ...]] = {}
        self._ambiguous: Counter[str] = Counter()
        for recording_id, file_name, name in recordings:
            path = PurePosixPath(file_name)
            self._folders[recording_id] = path.parent.parts
            for names, key in zip(self._by_name, (file_name, path.name, path.stem, name), strict=True):
                names.setdefault(key, set()).add(recording_id)

    def find(self, file_name: str) -> str | None:
        """Return the id of the one recording of this name, or None."""
        wanted = file_name.replace("\\", "/").removeprefix("./")
        path = PurePosixPath(wanted)
        several: set[str] = set()
        for names in self._by_name:
            for key in dict.fromkeys((wanted, path.name, path.stem)):
                ids = {found for found in names.get(key, ()) if _agree(self._folders[found], path.parent.parts)}
                if len(ids) == 1:
                    return next(iter(ids))
                several |= ids
        if several:
            self._ambiguous[file_name] = len(several)
        return None

    def ambiguous_notes(self) -> list[str]:
        """Return a sentence for every name that several recordings have."""
        return [
            f"{name}: {count} recordings have this name, so none of them got the label. Give the path with its folder."
            for name, count in self._ambiguous.items()
        ]


def _agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    shared = min(len(one), len(other))
    return shared == 0 or one[-shared:] == other[-shared:]


def _names_of(session: Session, project_id: str) -> Iterator[tuple[str, str, str]]:
    rows = session.execute(
        select(Recording.id, Recording.file_name, Recording.name).where(Recording.project_id == project_id)
    )
    yield from ((row.id, row.file_name, row.name) for row in rows)
