"""Content-addressed bytes: a key is the sha256 of what it holds, so nothing is ever overwritten or stored twice."""

import hashlib
import os
import re
import secrets
from itertools import count
from pathlib import Path

from backend.errors import NotFoundError

_KEY = re.compile(r"[0-9a-f]{64}")
_TOKEN = secrets.token_hex(4)
_WRITES = count()


class Storage:
    """Blobs in one local folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes, sha256: str = "") -> str:
        """Store bytes and return their key. A crash in the middle leaves no half-written blob.

        `sha256` is the digest of the bytes where the caller has it already; hashing is a good part of the work.
        """
        key = sha256 or hashlib.sha256(data).hexdigest()
        path = self._path(key)
        if path.exists():
            return key
        # A name of its own for each writer. tempfile.mkstemp asks the operating system more than writing does.
        unfinished = Path(f"{path}.{os.getpid()}-{_TOKEN}-{next(_WRITES)}")
        try:
            file = unfinished.open("xb")
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = unfinished.open("xb")
        with file:
            file.write(data)
        unfinished.replace(path)
        return key

    def get(self, key: str) -> bytes:
        """Return the bytes of a key. Raises NotFoundError where they are gone."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise NotFoundError(
                f"The stored bytes {key[:12]}… are missing from the data folder. Restore it from a backup."
            ) from None

    def path(self, key: str) -> Path:
        """Return the path of an existing blob, for streaming it out. Raises NotFoundError where it is gone."""
        path = self._path(key)
        if not path.exists():
            raise NotFoundError(f"The stored bytes {key[:12]}… are missing from the data folder.")
        return path

    def delete(self, key: str) -> None:
        """Forget a blob; the caller has made sure that no row refers to it."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError("A storage key is 64 hexadecimal digits.")
        return self._folder / key[:2] / key[2:]
