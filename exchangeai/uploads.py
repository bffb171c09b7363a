"""Files as they are sent: a form read from the disk piece by piece, and many files in requests of bounded size."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

from backend.ecg.readers.wfdb.header import data_files
from exchangeai.errors import RefusedError

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the bytes sent so far and all bytes there are to send; it may raise to stop."""

BATCH_BYTES = 32 << 20
BATCH_FILES = 200
_CHUNK = 1 << 18
_HEADER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file and the name under which it is sent, with '/'."""

    path: Path
    name: str
    size: int


def local_files(paths: str | PathLike[str] | Sequence[str | PathLike[str]]) -> list[LocalFile]:
    """Return the files of paths and folders, hidden ones left out; names are relative to the folder that was given.

    Raises RefusedError for a path that is not there.
    """
    given = [paths] if isinstance(paths, str | PathLike) else list(paths)
    found: list[LocalFile] = []
    for path in map(Path, given):
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith("."))
            found += [LocalFile(one, one.relative_to(path).as_posix(), one.stat().st_size) for one in inside]
        elif path.is_file():
            found.append(LocalFile(path, path.name, path.stat().st_size))
        else:
            raise RefusedError(f"There is no file or folder {path}. Check the path.")
    return found


def batches(files: Sequence[LocalFile]) -> Iterator[list[LocalFile]]:
    """Yield the files in requests of bounded size. Those of one record stay together, however large it is.

    A WFDB header belongs to the files that it names, and files of one stem to each other.
    """
    batch: list[LocalFile] = []
    size = 0
    for group in _records(files):
        weight = sum(one.size for one in group)
        if batch and (len(batch) + len(group) > BATCH_FILES or size + weight > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch += group
        size += weight
    if batch:
        yield batch


def _records(files: Sequence[LocalFile]) -> list[list[LocalFile]]:
    """Return the files in groups that must not be parted, in their order."""
    places = {one.name: place for place, one in enumerate(files)}
    leader = list(range(len(files)))  # a forest: each file points towards the first of its record

    def first(place: int) -> int:
        while leader[place] != place:
            leader[place] = place = leader[leader[place]]
        return place

    def join(a: int, b: int) -> None:
        a, b = sorted((first(a), first(b)))
        leader[b] = a

    stems: dict[str, int] = {}
    for place, one in enumerate(files):
        stem, dot, _ = one.name.rpartition(".")
        join(place, stems.setdefault(stem if dot else one.name, place))
        if one.name.lower().endswith(".hea"):
            folder = one.name.rpartition("/")[0]
            for named in _named_by(one):
                other = places.get(f"{folder}/{named}" if folder else named)
                if other is not None:
                    join(place, other)
    groups: dict[int, list[LocalFile]] = {}
    for place, one in enumerate(files):
        groups.setdefault(first(place), []).append(one)
    return list(groups.values())


def _named_by(header: LocalFile) -> Sequence[str]:
    with header.path.open("rb") as file:
        return data_files(file.read(_HEADER_BYTES)) or ()


@dataclass(slots=True)
class Form:
    """A multipart form (RFC 7578) with `fields`, and `files` under the name `field`, read while it is sent."""

    files: Sequence[LocalFile]
    name: str = "files"
    fields: Mapping[str, Any] = field(default_factory=dict)
    sent: Callable[[int], None] | None = None  # called with the size of each piece of a file
    begins: Callable[[], None] | None = None  # called when it is sent, perhaps again
    boundary: str = field(default_factory=lambda: uuid4().hex)

    @property
    def content_type(self) -> str:
        """The media type, with what parts the fields."""
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def size(self) -> int:
        """Bytes of the whole form."""
        heads = sum(len(self._head(one)) + one.size + 2 for one in self.files)
        return len(self._values()) + heads + len(self._end())

    def chunks(self) -> Iterator[bytes]:
        """Yield the form piece by piece. Raises RefusedError where a file has changed since it was looked at."""
        if self.begins is not None:
            self.begins()
        yield self._values()
        for one in self.files:
            yield self._head(one)
            left = one.size
            with one.path.open("rb") as file:
                while left and (piece := file.read(min(_CHUNK, left))):
                    left -= len(piece)
                    yield piece
                    if self.sent is not None:
                        self.sent(len(piece))
                if left or file.read(1):
                    raise RefusedError(f"{one.path} changed while it was sent. Send it again.")
            yield b"\r\n"
        yield self._end()

    def _values(self) -> bytes:
        parts = [
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{_text(one)}\r\n'
            for name, value in self.fields.items()
            if value is not None
            for one in (value if isinstance(value, list | tuple) else [value])
        ]
        return "".join(parts).encode()

    def _head(self, one: LocalFile) -> bytes:
        name = re.sub(r'[\r\n"]', lambda sign: f"%{ord(sign[0]):02X}", one.name)  # as HTML has it
        return (
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="{self.name}"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode("utf-8", "surrogateescape")

    def _end(self) -> bytes:
        return f"--{self.boundary}--\r\n".encode()


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Told:
    """How far an upload of many requests is; a request that is sent again counts its bytes anew."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total = total
        self._progress = progress
        self._before = self._now = 0

    def begin(self) -> None:
        """A request begins to be sent, perhaps again."""
        self._now = 0

    def sent(self, size: int) -> None:
        """So much of it was sent."""
        self._now += size
        self._tell()

    def done(self, size: int) -> None:
        """The request with `size` bytes of files was answered."""
        self._before, self._now = self._before + size, 0
        self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(min(self._before + self._now, self._total), self._total)


def declared(
    rate: float | None = None,
    units_per_mv: float | None = None,
    unit: str = "mV",
    leads: Sequence[str] | None = None,
    partial: bool = False,
    raw: bool = False,
) -> dict[str, Any]:
    """Return the fields of a form that say what files leave open, as `exchangeai.read` has them."""
    return {
        "rate": rate, "units_per_mv": units_per_mv, "unit": unit, "leads": ",".join(leads) if leads else None,
        "partial": partial, "raw": raw,
    }  # fmt: skip
