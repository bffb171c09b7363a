"""Looking after what is stored: which bytes are missing, damaged or nobody's, and what of that can be mended."""

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from sqlalchemy import select

from backend.db.session import engine_for, read_session, write_session
from backend.db.tables import Dataset, Model, Original, Project, Recording, utc_now
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile
from backend.ecg.signal_file import encode_signal
from backend.errors import DamagedError, NotFoundError, UserError
from backend.isolation import read
from backend.services import blobs, project_deletion
from backend.storage import Storage

Kind = Literal["missing", "damaged", "orphan", "unfinished", "deletion"]
YOUNG_S = 3600.0
"""What is younger may belong to an upload that is going on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be; `of` names what it belongs to, `mended` says whether that is over."""

    kind: Kind
    key: str  # of the bytes, empty where it is not about bytes
    of: str
    detail: str
    mended: bool = False


def examine(url: str, storage: Storage, limits: Limits, *, mend: bool, young_s: float = YOUNG_S) -> Iterator[Finding]:
    """Look at every stored file and every row that names one; yield what is wrong.

    With `mend`, a signal is read again from its original, what belongs to nobody or was not attached in full is
    deleted, and deletions that were broken off are finished. Nothing is deleted that a row names, and nothing that is
    younger than `young_s` seconds.
    """
    for project_id in project_deletion.unfinished(url):
        if mend:
            project_deletion.finish(url, storage, project_id)
        yield Finding("deletion", "", f"project {project_id}", "Its deletion was broken off.", mended=mend)
    yield from _incomplete(url, mend, young_s)
    owners = _owners(url)
    for key in sorted(owners):
        found = _look_at(storage, key, owners[key])
        if found is not None and mend and _read_again(url, storage, limits, key):
            found = replace(found, mended=True, detail=f"{found.detail} It was read again from its original.")
        if found is not None:
            yield found
    yield from _nobodys(url, storage, owners, mend, young_s)


def _incomplete(url: str, mend: bool, young_s: float) -> Iterator[Finding]:
    """Yield the tables of labels that were not attached in full, which nobody sees."""
    with write_session(url) as session:
        before = utc_now() - timedelta(seconds=young_s)
        for row in session.scalars(select(Dataset).where(~Dataset.complete, Dataset.created_at < before)):
            if mend:
                session.delete(row)
            detail = "The table was not attached in full. Attach it again."
            yield Finding("unfinished", "", row.file_name, detail, mended=mend)


def _look_at(storage: Storage, key: str, of: str) -> Finding | None:
    try:
        if storage.size(key) == 0 and key != hashlib.sha256().hexdigest():
            return Finding("damaged", key, of, "The file is empty. Import the original again, or restore a backup.")
        storage.check(key)
    except DamagedError:
        return Finding("damaged", key, of, "The file holds other bytes. Import it again, or restore a backup.")
    except NotFoundError:
        return Finding("missing", key, of, "The file is gone. Import it again, or restore a backup.")
    return None


def _nobodys(url: str, storage: Storage, owners: Mapping[str, str], mend: bool, young_s: float) -> Iterator[Finding]:
    """Yield the files that no row names, deleted where `mend` says so."""
    old = time.time() - young_s
    for entry in storage.entries():
        if entry.key in owners or entry.modified > old:
            continue
        if entry.key is None:
            if mend:
                storage.discard(entry)
            yield Finding("unfinished", "", entry.name, "The rest of a write that was broken off.", mended=mend)
        else:
            # Asked once more, under the lock: a row may have come to name it.
            gone = mend and blobs.forget(engine_for(url), storage, [entry.key]) == 1
            yield Finding("orphan", entry.key, "", "It belongs to no recording and no model.", mended=gone)


def _owners(url: str) -> dict[str, str]:
    """Return whose bytes each key is: "project: file" or "project: model"."""
    signals = select(Recording.signal_key, Project.name, Recording.file_name).join_from(Recording, Project)
    originals = (
        select(Original.key, Project.name, Original.name)
        .join(Recording, Recording.id == Original.recording_id)
        .join(Project, Project.id == Recording.project_id)
    )
    graphs, weights = (
        select(column, Project.name, Model.name).join_from(Model, Project)
        for column in (Model.onnx_key, Model.weights_key)
    )
    owners: dict[str, str] = {}
    with read_session(url) as session:
        for statement in (signals, originals, graphs, weights):
            for key, project, name in session.execute(statement):
                if key:
                    owners.setdefault(key, f"{project}: {name}")
    return owners


def _read_again(url: str, storage: Storage, limits: Limits, key: str) -> bool:
    """Write a signal again that is read from its original; say whether that gave the same bytes."""
    with read_session(url) as session:
        rows: Sequence[Recording] = session.scalars(select(Recording).where(Recording.signal_key == key)).all()
        for row in rows:
            try:
                files = tuple(SourceFile(item.name, storage.get(item.key)) for item in row.originals)
                if not files:
                    continue
                data = encode_signal(read(FileSet(files), _options(row), limits)[row.index])
            except (UserError, IndexError):
                continue
            if hashlib.sha256(data).hexdigest() == key:
                storage.put(data, key)
                return True
    return False


def _options(row: Recording) -> ReadOptions:
    declared = dict(row.declared)
    if declared.get("leads"):
        declared["leads"] = tuple(declared["leads"])
    return ReadOptions(**declared)
