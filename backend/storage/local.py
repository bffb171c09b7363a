"""Blobs in one local folder, a file each."""

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from backend.errors import DiskFullError
from backend.storage.keys import Entry, damaged, is_key, missing, name_of

_TOKEN = secrets.token_hex(4)
_WRITES = count()
FULL = (errno.ENOSPC, errno.EDQUOT)
"""What the system says where the disk, or the part of it that a user may fill, is full."""

DISK_FULL = (
    "The disk of the data folder is full, so this was not stored. Make room there, or have your administrator do so; "
    "then try again."
)


@dataclass(frozen=True, slots=True)
class LocalStorage:
    """Blobs in one local folder."""

    folder: Path

    def put(self, data: bytes, sha256: str = "") -> str:
        """Store bytes and return their key. A crash in the middle leaves no half-written blob.

        Bytes that lie there damaged are replaced. `sha256` is the digest of the bytes where the caller has it already;
        hashing is a good part of the work. Raises DiskFullError.
        """
        key = sha256 or hashlib.sha256(data).hexdigest()
        path = self._name(key)
        if _holds(path, data):
            return key
        # A name of its own for each writer. tempfile.mkstemp asks the operating system more than writing does, and
        # paths as objects take half as long as that.
        unfinished = f"{path}.{os.getpid()}-{_TOKEN}-{next(_WRITES)}"
        try:
            try:
                file = open(unfinished, "xb")  # noqa: PTH123, SIM115
            except FileNotFoundError:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                file = open(unfinished, "xb")  # noqa: PTH123, SIM115
            with file:
                file.write(data)
            os.replace(unfinished, path)  # noqa: PTH105
        except OSError as error:
            Path(unfinished).unlink(missing_ok=True)
            if error.errno in FULL:
                raise DiskFullError(DISK_FULL) from None
            raise
        return key

    def get(self, key: str) -> bytes:
        """Return the bytes of a key. Raises NotFoundError where they are gone, DamagedError where they are others."""
        try:
            data = self._path(key).read_bytes()
        except FileNotFoundError:
            raise missing(key) from None
        if hashlib.sha256(data).hexdigest() != key:
            raise damaged(key)
        return data

    def path(self, key: str) -> Path:
        """Return the path of an existing blob, whatever it holds. Raises NotFoundError where it is gone."""
        path = self._path(key)
        if not path.exists():
            raise missing(key)
        return path

    def checked_path(self, key: str) -> Path:
        """Return the path of a blob that holds what it should. Raises NotFoundError, or DamagedError."""
        path = self.path(key)
        if _digest(path) != key:
            raise damaged(key)
        return path

    def check(self, key: str) -> None:
        """Raise NotFoundError where a blob is gone, DamagedError where it holds other bytes."""
        self.checked_path(key)

    def size(self, key: str) -> int:
        """Return how many bytes a blob has. Raises NotFoundError where it is gone."""
        try:
            return os.stat(self._name(key)).st_size  # noqa: PTH116
        except FileNotFoundError:
            raise missing(key) from None

    def delete(self, key: str) -> None:
        """Forget a blob; the caller has made sure that no row refers to it."""
        self._path(key).unlink(missing_ok=True)

    def answers(self) -> bool:
        """Say that the store is there: its folder is made by the first who writes."""
        return True

    def entries(self) -> Iterator[Entry]:
        """Yield everything in the folder; without a key is the rest of a write that was never finished."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                key = folder.name + path.name
                try:
                    yield Entry(f"{folder.name}/{path.name}", key if is_key(key) else None, path.stat().st_mtime)
                except FileNotFoundError:
                    continue  # deleted meanwhile

    def discard(self, entry: Entry) -> None:
        """Delete what is no blob: the rest of a write that was never finished."""
        (self.folder / entry.name).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return Path(self._name(key))

    def _name(self, key: str) -> str:
        return os.path.join(self.folder, name_of(key))  # noqa: PTH118


def _holds(path: str, data: bytes) -> bool:
    try:
        return os.stat(path).st_size == len(data) and Path(path).read_bytes() == data  # noqa: PTH116
    except FileNotFoundError:
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
