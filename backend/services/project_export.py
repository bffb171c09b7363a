"""A project as one zip, made while it is sent: originals, signals, labels, readings, models, evaluations.

Everything in it is readable without the platform: originals as they came, signals as WFDB, rows of tables as JSON
lines, models as their packages. `SHA256SUMS` is for `sha256sum --check`; the manifest names what is left out, and why.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from backend.db.session import read_session
from backend.db.tables import Model, Recording, utc_now
from backend.ecg.writers import write
from backend.errors import NotFoundError, StoreUnavailableError, UserError
from backend.services import downloads, models, seen, touched
from backend.services.project_export_tables import AT_ONCE, HELD, LEFT_OUT, rows
from backend.storage import Storage
from backend.zip_sink import ZipSink

FORMAT: Final = "exchangeai-project-1"
MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
README: Final = """An export of a project of ExChanGeAI. It holds patients' data: keep it encrypted.

originals/ID/NUMBER-NAME   the files of a recording, as they were uploaded, where the project keeps originals
signals/ID.hea, ID.dat     its signal in WFDB, exact where the original was in whole numbers
models/ID.zip              models: ONNX, named weights, manifest, card
tables/NAME.jsonl          rows, one JSON object a line; the ids are those above
SHA256SUMS                 sums of all of these: sha256sum --check SHA256SUMS
manifest.json              what this is, what is left out and why, what could not be read
"""
_DATE = (1980, 1, 1, 0, 0, 0)
_IN_MEMORY = 8 * 1024**2


def note_everything(session: Session, project_id: str) -> None:
    """Note for the audit log that all recordings are seen; its line is written before the zip goes out."""
    touched.add(session.scalars(select(Recording.id).where(Recording.project_id == project_id)))


def export(url: str, storage: Storage, project_id: str) -> Iterator[bytes]:
    """Yield the zip of a project piece by piece. What cannot be read is named in the manifest, and the rest goes on.

    Raises StoreUnavailableError in the middle where the store stops answering; the zip then lacks its end, so that
    nobody takes it for whole.
    """
    with SpooledTemporaryFile(_IN_MEMORY) as sums:
        yield from _Export(url, storage, project_id, sums).pieces()


class _Export:
    """One export: its zip, the sums of its files, and what could not be read."""

    def __init__(self, url: str, storage: Storage, project_id: str, sums: "SpooledTemporaryFile[bytes]") -> None:
        self.url, self.storage, self.project_id, self.sums = url, storage, project_id, sums
        self.problems: list[str] = []
        self.n = 0
        self.sink = ZipSink()
        self.archive = zipfile.ZipFile(self.sink, "w", compresslevel=1)  # type: ignore[call-overload]

    def pieces(self) -> Iterator[bytes]:
        yield from self._add("README.txt", [README.encode()])
        for name in HELD:
            lines = (json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in self._rows(name))
            yield from self._add(f"tables/{name}.jsonl", lines)
        yield from self._recordings()
        yield from self._models()
        self.sums.seek(0)
        yield from self._add(SUMS, iter(lambda: self.sums.read(1 << 20), b""), summed=False)
        yield from self._add(MANIFEST, [self._manifest()], summed=False)
        self.archive.close()
        yield from self.sink.taken()

    def _rows(self, name: str) -> Iterable[dict[str, Any]]:
        return rows(self.url, name, self.project_id)

    def _recordings(self) -> Iterator[bytes]:
        last = ""
        while True:
            with read_session(self.url) as session:
                mine = select(Recording).where(Recording.project_id == self.project_id, Recording.id > last)
                query = mine.options(selectinload(Recording.originals)).order_by(Recording.id).limit(AT_ONCE)
                some = session.scalars(query).all()
                session.expunge_all()
            for row in some:
                for number, item in enumerate(row.originals):
                    name = f"originals/{row.id}/{number}-{plain(item.name)}"
                    try:
                        yield from self._add(name, [self.storage.get(item.key)])
                    except StoreUnavailableError:
                        raise
                    except NotFoundError as problem:
                        self._problem(name, problem)
                try:
                    for file in write(downloads.recorded(self.storage, row), "wfdb", row.id):
                        yield from self._add(f"signals/{file.name}", [file.data])
                except StoreUnavailableError:
                    raise
                except UserError as problem:
                    self._problem(f"signals/{row.id}", problem)
            if len(some) < AT_ONCE:
                return
            last = some[-1].id

    def _models(self) -> Iterator[bytes]:
        with read_session(self.url) as session:
            ids = session.scalars(select(Model.id).where(Model.project_id == self.project_id).order_by(Model.id)).all()
        for model_id in ids:
            name = f"models/{model_id}.zip"
            try:
                with read_session(self.url) as session:
                    row = session.get(Model, model_id)
                    package = models.package(self.storage, row, seen.for_package(session, row)) if row else None
            except StoreUnavailableError:
                raise
            except NotFoundError as problem:
                self._problem(name, problem)
                continue
            if package is not None:
                yield from self._add(name, package, stored=True)

    def _add(self, name: str, pieces: Iterable[bytes], *, stored: bool = False, summed: bool = True) -> Iterator[bytes]:
        entry = zipfile.ZipInfo(name, _DATE)
        entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        entry.create_system, entry.external_attr = 3, 0o600 << 16
        digest = hashlib.sha256()
        with self.archive.open(entry, "w", force_zip64=True) as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
                yield from self.sink.taken()
        yield from self.sink.taken()
        if summed:
            self.sums.write(f"{digest.hexdigest()}  {name}\n".encode())
            self.n += 1

    def _problem(self, name: str, problem: Exception) -> None:
        self.problems.append(f"{name}: {problem}")

    def _manifest(self) -> bytes:
        said = {
            "format": FORMAT,
            "project_id": self.project_id,
            "exported_at": utc_now().isoformat(timespec="seconds"),
            "version": version("exchangeai"),
            "n_files": self.n,
            "not_readable": self.problems,
            "tables_left_out": LEFT_OUT,
            "rows_left_out": "Evaluations on ECGs of other projects.",
        }
        return json.dumps(said, ensure_ascii=False, indent=2).encode()


def plain(name: str) -> str:
    """Return the name of an uploaded file without folders, as every system can write it."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(sign if sign.isalnum() or sign in " -_.()" else "_" for sign in last)[-100:].strip(" ") or "file"
