"""What a label set says in the end of each recording: as CSV, and frozen into a dataset that is trained on.

The labels of a recording are those of its adjudication; without one, those that all who have read it gave alike. Where
they differ and nobody has adjudicated, there are none yet (decision 0053).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend.counted import counted
from backend.db.tables import Dataset, LabelSet, Reading, Recording
from backend.errors import ConflictError
from backend.ml.data.label_tables.finder import Finder, Named
from backend.ml.data.label_tables.rows import LabelRow, LabelTable
from backend.services import annotations, datasets
from backend.services.csv_line import csv_line

FINAL = ("file_name", "recording", "label", "n_readers", "decided_by", "readers", "read_at")
EACH = (
    "file_name", "recording", "reader", "role", "label", "done", "note", "regions", "sighted", "made_at", "saved_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """What the readers of a recording say together; `labels` is None while they disagree."""

    recording: Recording
    labels: list[str] | None
    readings: list[Reading]  # finished, by reader
    adjudication: Reading | None

    @property
    def decided_by(self) -> str:
        """Return by what the labels stand: one reader, agreement or adjudication; nothing while there are none."""
        if self.labels is None:
            return ""
        if self.adjudication is not None:
            return "adjudication"
        return "agreement" if len(self.readings) > 1 else "one reader"


def results(session: Session, label_set: LabelSet) -> Iterator[Result]:
    """Yield what is said of each recording that somebody has read, by file name."""
    rows = session.execute(_current(label_set).where(Reading.done).execution_options(yield_per=500))
    for _, some in groupby(rows, key=lambda row: row.Recording.id):
        said = list(some)
        own = [row.Reading for row in said if row.Reading.role == "reader"]
        adjudication = next((row.Reading for row in said if row.Reading.role == "adjudicator"), None)
        alike = own[0].labels if own and all(one.labels == own[0].labels for one in own) else None
        yield Result(said[0].Recording, adjudication.labels if adjudication else alike, own, adjudication)


def _current(label_set: LabelSet) -> Select[Recording, Reading]:
    return (
        select(Recording, Reading)
        .join(Reading, Reading.recording_id == Recording.id)
        .where(Reading.label_set_id == label_set.id, Reading.current)
        .order_by(Recording.file_name, Recording.index, Recording.id, Reading.role, Reading.reader)
    )


def to_csv(session: Session, label_set: LabelSet, each: bool = False) -> Iterator[str]:
    """Yield the labels as CSV, a header first: those that stand in the end, or `each` reading that counts."""
    yield csv_line(EACH if each else FINAL)
    if each:
        for recording, one in session.execute(_current(label_set).execution_options(yield_per=500)):
            regions = json.dumps(one.regions, ensure_ascii=False) if one.regions else ""
            yield csv_line([
                recording.file_name, recording.name, one.reader, one.role, ";".join(one.labels), _yes(one.done),
                one.note, regions, _yes(one.sighted), one.made_at.isoformat() if one.made_at else "",
                one.created_at.isoformat(),
            ])  # fmt: skip
        return
    for result in results(session, label_set):
        if result.labels is not None:
            deciding = [result.adjudication] if result.adjudication else result.readings
            yield csv_line([
                result.recording.file_name, result.recording.name, ";".join(result.labels), str(len(result.readings)),
                result.decided_by, ";".join(one.reader for one in deciding),
                max(one.created_at for one in deciding).isoformat(),
            ])  # fmt: skip


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def freeze(session: Session, label_set: LabelSet, name: str = "", fewest_readers: int | None = None) -> Dataset:
    """Make a dataset, the next version of the label set, of all recordings whose labels stand.

    Those that fewer than `fewest_readers` have read (None: as many as the set asks for) are left out. Adjudicated ones
    count with however many readers. Raises ConflictError where no recording has labels.
    """
    annotations.hold(session, label_set)
    fewest_readers = label_set.n_readers if fewest_readers is None else fewest_readers
    rows, open_, few, by_one = [], 0, 0, 0
    for result in results(session, label_set):
        if result.labels is None:
            open_ += 1
        elif result.adjudication is None and len(result.readings) < fewest_readers:
            few += 1
        else:
            by_one += result.decided_by == "one reader"
            rows.append((result.recording, result.labels))
    if not rows:
        raise ConflictError(
            f"No recording has labels yet: {open_} wait for adjudication, {few} for another reader. Label some first."
        )
    notes = [
        f"{counted(open_, 'recording')} left out: readers disagree, and nobody has adjudicated."[: 200 * bool(open_)],
        f"{counted(few, 'recording')} left out: fewer than {fewest_readers} readers."[: 200 * bool(few)],
        f"{counted(by_one, 'recording')} read by one reader only."[: 200 * bool(by_one)],
    ]
    return _dataset(session, label_set, rows, [note for note in notes if note], name, fewest_readers)


def _dataset(
    session: Session, label_set: LabelSet, rows: list[tuple[Recording, list[str]]], notes: list[str], name: str,
    fewest_readers: int,
) -> Dataset:  # fmt: skip
    occurring = {label for _, labels in rows for label in labels}
    names = tuple(label["name"] for label in label_set.labels if label["name"] in occurring)
    if unused := [label["name"] for label in label_set.labels if label["name"] not in occurring]:
        notes.append(f"Labels that no recording has: {', '.join(unused)}.")
    codes = {label["name"]: label["code"] for label in label_set.labels if label["code"] and label["name"] in names}
    table = LabelTable(
        label_set.task, names, codes,
        [LabelRow(row, recording.id, tuple(labels), None, None) for row, (recording, labels) in enumerate(rows, 1)],
        None, (),
    )  # fmt: skip
    finds = Finder(Named(recording.id, recording.id, recording.id) for recording, _ in rows)
    # All recordings are known here, so that none of them is looked for among the rows again.
    known = frozenset(session.scalars(select(Recording.id).where(Recording.project_id == label_set.project_id)))
    matched = replace(datasets.matched(label_set.project_id, table, finds, notes), known=known)
    file_names = {recording.id: recording.file_name for recording, _ in rows}
    for entry in matched.entries:
        entry["file_name"] = file_names[entry["recording_id"]]
    label_set.n_versions += 1
    title = name.strip() or f"{label_set.name[:180]} v{label_set.n_versions}"
    dataset = datasets.attach(session, label_set.project_id, matched, "", title)
    dataset.choice = {
        "label_set": {
            "id": label_set.id, "name": label_set.name, "version": label_set.n_versions,
            "fewest_readers": fewest_readers,
        }
    }  # fmt: skip
    return dataset
