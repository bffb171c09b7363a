"""Ingest: files → recordings in a project, with an outcome for every file.

Reading (`read_all`) touches neither database nor storage and may take its time; storing (`store`) is one short unit
of work. The same bytes twice are the same recording; the same bytes with another declared rate or unit are read anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.session import insert_rows
from backend.db.tables import Json, Original, Project, Recording, new_id, utc_now
from backend.ecg.errors import IncompleteSetError, UserError
from backend.ecg.readers import Limits, ReadOptions, Refusal, SourceFile, group
from backend.ml.data.label_tables.finder import Named
from backend.services import blobs, patients, projects, touched, waiting_labels
from backend.services.file_batches import batches, expand
from backend.services.read_set import ReadSet as ReadSet
from backend.services.read_set import read_set, refused
from backend.services.reading_processes import PROCESSES, Unread
from backend.services.recording_facts import storable
from backend.settings import Settings
from backend.storage import Storage

WAITING_BYTES = 1 << 30
"""Of files that wait for their companions: as much as a single file may have."""

_TURN = Lock()
_LATER = ("record_id", "file_labels", "fingerprint", "patient_alike", "patient_written")  # than the first version


@dataclass(slots=True)
class Outcome:
    """What became of one set of files."""

    file_name: str
    status: str  # imported | duplicate | updated | refused
    detail: str = ""
    recording_ids: list[str] = field(default_factory=list)
    findings: list[Any] = field(default_factory=list)
    offers: list[Json] = field(default_factory=list)  # declarations with which a refused file could be read

    def as_row(self) -> Json:
        """Return its columns in the table of outcomes."""
        return {name: getattr(self, name) for name in ("file_name", "status", "detail", "recording_ids", "findings")}

    def __post_init__(self) -> None:
        self.file_name, self.detail = storable(self.file_name), storable(self.detail)


def read_all(
    files: Iterable[SourceFile], options: ReadOptions, limits: Limits, to_store: bool = False
) -> Iterator[list[ReadSet | Refusal]]:
    """Read files, zips among them, and yield the results in batches of bounded size, in the order of the files.

    A file whose companion has not come yet (a `.hea` before its `.dat`) waits for the next batch; at the end it is
    refused with the reason, and so it is where more wait than may be held. Nothing raised by one file stops the others.
    `to_store`: see `ReadSet.make_ready`.
    """
    waiting: list[SourceFile] = []
    held = 0
    for batch, last in batches(expand(files, limits)):
        place = {id(item): number for number, item in enumerate(batch)}
        sources = waiting + [item for item in batch if isinstance(item, SourceFile)]
        results: list[ReadSet | Refusal] = [item for item in batch if isinstance(item, Refusal)]
        waiting, held = [], 0
        sets = group(sources)
        there = PROCESSES.read(sets, options, limits) if to_store else [Unread.HERE] * len(sets)
        for files_of_set, answer in zip(sets, there, strict=True):
            try:
                one = read_set(files_of_set, options, limits, answer)
            except IncompleteSetError as error:
                size = sum(len(file.data) for file in files_of_set.files + files_of_set.left_out)
                if last or held + size > WAITING_BYTES:
                    results.append(refused(files_of_set, error))
                else:
                    waiting.extend(files_of_set.files + files_of_set.left_out)
                    held += size
            except UserError as error:
                results.append(refused(files_of_set, error))
            else:
                results.append(one)
                if to_store:
                    one.make_ready()
        mains = [item.files.main if isinstance(item, ReadSet) else item for item in results]
        order = sorted(range(len(mains)), key=lambda index: place.get(id(mains[index]), -1))  # what waited comes first
        yield [results[index] for index in order]


def read_in_turn(
    files: Iterable[SourceFile], options: ReadOptions, limits: Limits
) -> Iterator[list[ReadSet | Refusal]]:
    """Read files to store them, as `read_all`, one batch of one upload at a time in the whole process.

    Threads of Python that compute at the same time hold each other up: two uploads are both done sooner in turn.
    What can be computed before the batch is stored is, so that its unit of work is short, and the samples are let go.
    """
    read_batches = read_all(files, options, limits, to_store=True)
    while True:
        with _TURN:
            batch = next(read_batches, None)
        if batch is None:
            return
        yield batch


def store(
    session: Session, storage: Storage, project: Project, results: Sequence[ReadSet | Refusal], options: ReadOptions
) -> list[Outcome]:
    """Store what was read and return one outcome a set of files, in their order."""
    projects.hold(session, project.id)  # of two uploads of one file at once the second finds it stored
    hashes = [result.sha256 for result in results if isinstance(result, ReadSet)]
    known: dict[str, list[Recording]] = {}
    for row in session.scalars(
        select(Recording)
        .where(Recording.project_id == project.id, Recording.source_sha256.in_(hashes))
        .order_by(Recording.index)
    ):
        known.setdefault(row.source_sha256, []).append(row)
    declared = declared_by(options)
    outcomes: list[Outcome] = []
    rows: list[Json] = []
    files: list[Json] = []
    added: dict[str, Outcome] = {}
    for result in results:
        if isinstance(result, Refusal):
            outcomes.append(Outcome(result.name, "refused", str(result.error)))
            continue
        sha256, name = result.sha256, result.files.name
        if result.error:
            outcomes.append(Outcome(name, "refused", result.error, offers=[dict(offer) for offer in result.offers]))
        elif sha256 in added:
            first = added[sha256]
            outcomes.append(Outcome(name, "duplicate", f"Same bytes as {first.file_name}.", first.recording_ids))
        elif sha256 in known:
            outcomes.append(_outcome_of_known(session, storage, project, known[sha256], result, declared))
        else:
            outcome, new_rows = _new_rows(session, storage, project, result, declared)
            outcomes.append(outcome)
            added[sha256] = outcome
            rows.extend(new_rows)
            files.extend(_originals(session, storage, project, result, new_rows))
    if rows:
        insert_rows(session, Recording, rows)
        insert_rows(session, Original, files)
        names = [Named(row["id"], row["file_name"], row["name"], row["record_id"]) for row in rows]
        waiting_labels.add_names(session, names)
        waiting_labels.link(session, project.id, names)
    return outcomes


def limits_from(settings: Settings) -> Limits:
    """Return the limits that the settings give readers."""
    return Limits(
        archive_entries=settings.archive_entries, archive_bytes=settings.archive_bytes,
        seconds=settings.read_seconds, memory=settings.read_memory,
    )  # fmt: skip


def declared_by(options: ReadOptions) -> Json:
    """Return what the uploader declared, as it is stored."""
    return {key: value for key, value in asdict(options).items() if value is not None and value is not False}


def _new_rows(
    session: Session, storage: Storage, project: Project, result: ReadSet, declared: Json
) -> tuple[Outcome, list[Json]]:
    rows, outcome = [], Outcome(result.files.name, "imported")
    name, several = result.files.name, len(result.facts) > 1
    for index, (facts, signal, key) in enumerate(result.facts):
        row: Json = {
            "id": new_id(),
            "project_id": project.id,
            "source_sha256": result.sha256,
            "index": index,
            "file_name": f"{name}[{index}]" if several else name,  # a person must tell the records of a stack apart
            "created_at": utc_now(),
            "declared": declared,
            "signal_key": blobs.put(session, storage, signal, key),
        } | _of_project(project, facts)
        rows.append(row)
        touched.add([row["id"]])
        outcome.recording_ids.append(row["id"])
        _add_findings(outcome, row["findings"])
    if len(rows) > 1:
        outcome.detail = f"{len(rows)} recordings."
    return outcome, rows


def _originals(
    session: Session, storage: Storage, project: Project, result: ReadSet, rows: Sequence[Json]
) -> list[Json]:
    """Store the files of a set where the project keeps them; return the rows of `Original` of all its recordings."""
    if not project.keep_originals:
        return []
    files = [
        (file.name, blobs.put(session, storage, file.data, file.sha256), len(file.data)) for file in result.files.files
    ]
    return [
        {"recording_id": row["id"], "position": position, "name": name, "key": key, "size": size}
        for row in rows
        for position, (name, key, size) in enumerate(files)
    ]


def _outcome_of_known(
    session: Session, storage: Storage, project: Project, rows: Sequence[Recording], result: ReadSet, declared: Json
) -> Outcome:
    """Read again what is already here if rate or unit are declared otherwise this time, else leave it alone.

    Bytes of it that are missing or damaged are mended in passing: that is what an error about them advises.
    """
    ids = [row.id for row in rows]
    fresh = [
        _of_project(project, facts) | {"declared": declared, "signal_key": blobs.put(session, storage, signal, key)}
        for facts, signal, key in result.facts
    ]
    for file in result.files.files:
        if any(file.sha256 == item.key for item in rows[0].originals):
            blobs.put(session, storage, file.data, file.sha256)
    facts = [(row.signal_key, row.rate, row.unit) for row in rows]
    if [(new["signal_key"], new["rate"], new["unit"]) for new in fresh] == facts:
        for row, new in zip(rows, fresh, strict=True):  # of a file imported before these were read
            for name in _LATER:
                setattr(row, name, new[name])
        waiting_labels.rename(session, rows)
        return Outcome(result.files.name, "duplicate", f"Already here as {_file_of(rows)}.", ids)
    if len(fresh) != len(rows):
        blobs.forget_unused(session, storage, {new["signal_key"] for new in fresh})
        return Outcome(
            result.files.name, "refused",
            f"The same file is already here, read as {len(rows)} recordings instead of {len(fresh)}. "
            "Delete those first, then upload it again.",
        )  # fmt: skip
    outcome = Outcome(
        result.files.name, "updated",
        f"The same file as {_file_of(rows)}, read again with the rate and unit declared now.", ids,
    )  # fmt: skip
    blobs.forget_unused(session, storage, {row.signal_key for row in rows})
    for row, new in zip(rows, fresh, strict=True):
        for key, value in new.items():
            setattr(row, key, value)
        _add_findings(outcome, new["findings"])
    waiting_labels.rename(session, rows)
    return outcome


def _of_project(project: Project, facts: Json) -> Json:
    return facts | patients.columns_of(project.id, facts["patient_id"])


def _add_findings(outcome: Outcome, findings: Sequence[Json]) -> None:
    # Of a stack of many recordings each finding is told once; the recordings list has them all.
    outcome.findings += [new for new in findings if new["code"] not in {old["code"] for old in outcome.findings}]


def _file_of(rows: Sequence[Recording]) -> str:
    """Return the name of the file that recordings came from."""
    return rows[0].file_name if len(rows) == 1 else rows[0].file_name.removesuffix("[0]")
