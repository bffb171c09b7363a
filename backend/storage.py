"""Content-addressed bytes: a key is the sha256 of what it holds, so nothing is ever overwritten or stored twice.

Who stores or deletes a blob holds the lock of `backend.services.blobs`; this module knows files only.
"""

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from backend.errors import DamagedError, DiskFullError, NotFoundError

_KEY = re.compile(r"[0-9a-f]{64}")
_TOKEN = secrets.token_hex(4)
_WRITES = count()
FULL = (errno.ENOSPC, errno.EDQUOT)
"""What the system says where the disk, or the part of it that a user may fill, is full."""

DISK_FULL = (
    "The disk of the data folder is full, so this was not stored. Make room there, or have your administrator do so; "
    "then try again."
)


@dataclass(frozen=True, slots=True)
class Storage:
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
            raise _missing(key) from None
        if hashlib.sha256(data).hexdigest() != key:
            raise _damaged(key)
        return data

    def path(self, key: str) -> Path:
        """Return the path of an existing blob, for streaming it out. Raises NotFoundError where it is gone."""
        path = self._path(key)
        if not path.exists():
            raise _missing(key)
        return path

    def checked_path(self, key: str) -> Path:
        """Return the path of a blob that holds what it should. Raises NotFoundError, or DamagedError."""
        path = self.path(key)
        if _digest(path) != key:
            raise _damaged(key)
        return path

    def delete(self, key: str) -> None:
        """Forget a blob; the caller has made sure that no row refers to it."""
        self._path(key).unlink(missing_ok=True)

    def files(self) -> Iterator[tuple[Path, str | None]]:
        """Yield every file of the folder with its key; None for the rest of a write that was never finished."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                key = folder.name + path.name
                yield path, key if _KEY.fullmatch(key) else None

    def _path(self, key: str) -> Path:
        return Path(self._name(key))

    def _name(self, key: str) -> str:
        if not _KEY.fullmatch(key):
            raise ValueError("A storage key is 64 hexadecimal digits.")
        return os.path.join(self.folder, key[:2], key[2:])  # noqa: PTH118


def _holds(path: str, data: bytes) -> bool:
    try:
        return os.stat(path).st_size == len(data) and Path(path).read_bytes() == data  # noqa: PTH116
    except FileNotFoundError:
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _missing(key: str) -> NotFoundError:
    return NotFoundError(
        f"The stored bytes {key[:12]}… are missing from the data folder. Import the file again, or restore the folder "
        "from a backup; 'exchangeai doctor' lists all that is missing."
    )


def _damaged(key: str) -> DamagedError:
    return DamagedError(
        f"The stored bytes {key[:12]}… are damaged: they no longer fit their hash. Import the file again, or restore "
        "the data folder from a backup; 'exchangeai doctor' lists all that is damaged."
    )
