"""Ingest: files → recordings in a project, with an outcome for every file.

Reading (`read_all`) touches neither database nor storage and may take its time; storing (`store`) is one short unit
of work. The same bytes twice are the same recording; the same bytes with another declared rate or unit are read anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from threading import Lock
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.db.tables import Json, Project, Recording, new_id, utc_now
from backend.ecg import recording as ecg
from backend.ecg.errors import EcgError, IncompleteSetError, UserError
from backend.ecg.readers import FileSet, Limits, ReadOptions, Refusal, SourceFile, group
from backend.ecg.readers.archives import expand as archives
from backend.ecg.signal_file import encode_signal
from backend.isolation import read
from backend.services import datasets, patients, projects
from backend.services.blobs import forget_unused
from backend.services.recording_facts import facts_of, storable
from backend.settings import Settings
from backend.storage import Storage

BATCH_BYTES = 64 * 1024**2
BATCH_FILES = 256
_TURN = Lock()


@dataclass(frozen=True)
class ReadSet:
    """A set of files after reading: its recordings, or the reason why there are none."""

    files: FileSet
    recordings: Sequence[ecg.Recording] = ()
    error: str = ""

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the files, computed once: a stack may be large and hold thousands of recordings."""
        return self.files.sha256

    @cached_property
    def facts(self) -> list[tuple[Json, bytes]]:
        """The columns of each recording that follow from its file, and its signal as it is stored.

        The patient's identifier is still that of the file: it depends on the project what is stored of it.
        """
        return [(facts_of(recording), encode_signal(recording)) for recording in self.recordings]


@dataclass(slots=True)
class Outcome:
    """What became of one set of files."""

    file_name: str
    status: str  # imported | duplicate | updated | refused
    detail: str = ""
    recording_ids: list[str] = field(default_factory=list)
    findings: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.file_name, self.detail = storable(self.file_name), storable(self.detail)


def read_all(files: Iterable[SourceFile], options: ReadOptions, limits: Limits) -> Iterator[list[ReadSet | Refusal]]:
    """Read files, zips among them, and yield the results in batches of bounded size, in the order of the files.

    A file whose companion has not come yet (a `.hea` before its `.dat`) waits for the next batch; at the end it is
    refused with the reason. Nothing raised by one file stops the others.
    """
    waiting: list[SourceFile] = []
    for batch, last in _batches(expand(files, limits)):
        place = {id(item): number for number, item in enumerate(batch)}
        sources = waiting + [item for item in batch if isinstance(item, SourceFile)]
        results: list[ReadSet | Refusal] = [item for item in batch if isinstance(item, Refusal)]
        waiting = []
        for files_of_set in group(sources):
            try:
                recordings = read(files_of_set, options, limits)
            except IncompleteSetError as error:
                if last:
                    results.append(ReadSet(files_of_set, error=str(error)))
                else:
                    waiting.extend(files_of_set.files + files_of_set.left_out)
            except UserError as error:
                results.append(ReadSet(files_of_set, error=str(error)))
            else:
                results.append(ReadSet(files_of_set, recordings))
        mains = [item.files.main if isinstance(item, ReadSet) else item for item in results]
        order = sorted(range(len(mains)), key=lambda index: place.get(id(mains[index]), -1))  # what waited comes first
        yield [results[index] for index in order]


def read_in_turn(
    files: Iterable[SourceFile], options: ReadOptions, limits: Limits
) -> Iterator[list[ReadSet | Refusal]]:
    """Read files to store them, as `read_all`, one batch of one upload at a time in the whole process.

    Threads of Python that compute at the same time hold each other up: two uploads are both done sooner in turn.
    What can be computed before the batch is stored is, so that its unit of work is short.
    """
    batches = read_all(files, options, limits)
    while True:
        with _TURN:
            batch = next(batches, None)
            if batch is None:
                return
            for result in batch:
                if isinstance(result, ReadSet):
                    _ = result.sha256, result.facts
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
    added: dict[str, Outcome] = {}
    for result in results:
        if isinstance(result, Refusal):
            outcomes.append(Outcome(result.name, "refused", str(result.error)))
            continue
        sha256, name = result.sha256, result.files.name
        if result.error:
            outcomes.append(Outcome(name, "refused", result.error))
        elif sha256 in added:
            first = added[sha256]
            outcomes.append(Outcome(name, "duplicate", f"Same bytes as {first.file_name}.", first.recording_ids))
        elif sha256 in known:
            outcomes.append(_meet_again(session, storage, project, known[sha256], result, declared))
        else:
            outcome, new_rows = _new_rows(storage, project, result, declared)
            outcomes.append(outcome)
            added[sha256] = outcome
            rows.extend(new_rows)
    if rows:
        session.execute(insert(Recording), rows)
        datasets.link_new_recordings(session, project.id, rows)
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


def expand(files: Iterable[SourceFile], limits: Limits) -> Iterator[SourceFile | Refusal]:
    """Yield files under names that can be stored, archives taken apart."""
    for sent in files:
        file = replace(sent, name=storable(sent.name))
        if not archives.is_archive(file.data):
            yield file
            continue
        try:
            yield from archives.expand(file, limits)
        except EcgError as error:
            yield Refusal(file.name, error)


def _batches(items: Iterable[SourceFile | Refusal]) -> Iterator[tuple[list[SourceFile | Refusal], bool]]:
    """Yield batches of bounded size, and whether each is the last.

    Files in a row with one stem (100.atr, 100.dat, 100.hea) stay together, within reason: they may be one record.
    """
    batch: list[SourceFile | Refusal] = []
    size = 0
    for item in items:
        full = len(batch) >= BATCH_FILES or size >= BATCH_BYTES
        if batch and full and (_stem(item) != _stem(batch[-1]) or len(batch) >= 2 * BATCH_FILES):
            yield batch, False
            batch, size = [], 0
        batch.append(item)
        size += len(item.data) if isinstance(item, SourceFile) else 0
    yield batch, True


def _stem(item: SourceFile | Refusal) -> str:
    stem, _, ending = item.name.rpartition(".")
    return item.name if "/" in ending else stem


def _new_rows(storage: Storage, project: Project, result: ReadSet, declared: Json) -> tuple[Outcome, list[Json]]:
    originals = []
    if project.keep_originals:
        originals = [
            {"name": file.name, "key": storage.put(file.data, file.sha256), "size": len(file.data)}
            for file in result.files.files
        ]
    rows, outcome = [], Outcome(result.files.name, "imported")
    name, several = result.files.name, len(result.facts) > 1
    for index, (facts, signal) in enumerate(result.facts):
        row: Json = {
            "id": new_id(),
            "project_id": project.id,
            "source_sha256": result.sha256,
            "index": index,
            "file_name": f"{name}[{index}]" if several else name,  # a person must tell the records of a stack apart
            "originals": originals,
            "created_at": utc_now(),
            "declared": declared,
            "signal_key": storage.put(signal),
        } | _of_project(project, facts)
        rows.append(row)
        outcome.recording_ids.append(row["id"])
        _add_findings(outcome, row["findings"])
    if len(rows) > 1:
        outcome.detail = f"{len(rows)} recordings."
    return outcome, rows


def _meet_again(
    session: Session, storage: Storage, project: Project, rows: Sequence[Recording], result: ReadSet, declared: Json
) -> Outcome:
    """Read again what is already here if rate or unit are declared otherwise this time, else leave it alone."""
    ids = [row.id for row in rows]
    fresh = [
        _of_project(project, facts) | {"declared": declared, "signal_key": storage.put(signal)}
        for facts, signal in result.facts
    ]
    facts = [(row.signal_key, row.rate, row.unit) for row in rows]
    if [(new["signal_key"], new["rate"], new["unit"]) for new in fresh] == facts:
        return Outcome(result.files.name, "duplicate", f"Already here as {_file_of(rows)}.", ids)
    if len(fresh) != len(rows):
        return Outcome(
            result.files.name, "refused",
            f"The same file is already here, read as {len(rows)} recordings instead of {len(fresh)}. "
            "Delete those first, then upload it again.",
        )  # fmt: skip
    outcome = Outcome(
        result.files.name, "updated",
        f"The same file as {_file_of(rows)}, read again with the rate and unit declared now.", ids,
    )  # fmt: skip
    forget_unused(session, storage, {row.signal_key for row in rows})
    for row, new in zip(rows, fresh, strict=True):
        for key, value in new.items():
            setattr(row, key, value)
        _add_findings(outcome, new["findings"])
    return outcome


def _of_project(project: Project, facts: Json) -> Json:
    return facts | {"patient_id": patients.hidden(project.id, facts["patient_id"])}


def _add_findings(outcome: Outcome, findings: Sequence[Json]) -> None:
    # Of a stack of many recordings each finding is told once; the recordings list has them all.
    seen = {finding["code"] for finding in outcome.findings}
    outcome.findings.extend(finding for finding in findings if finding["code"] not in seen)


def _file_of(rows: Sequence[Recording]) -> str:
    """Return the name of the file that recordings came from."""
    return rows[0].file_name if len(rows) == 1 else rows[0].file_name.removesuffix("[0]")
