"""Content-addressed bytes: a key is the sha256 of what it holds, so nothing is ever overwritten or stored twice.

They are in a local folder (`local`) or in a store that speaks S3 (`remote`). Who stores or deletes a blob holds the
lock of `backend.services.blobs`; this package knows bytes only.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from backend.settings import Settings
from backend.storage.keys import Entry
from backend.storage.local import DISK_FULL, FULL, LocalStorage

__all__ = ["DISK_FULL", "FULL", "Entry", "LocalStorage", "Storage", "storage_of"]


class Storage(Protocol):
    """Where blobs are. All may raise StoreUnavailableError where that is another machine."""

    def __hash__(self) -> int:
        """Equal stores are one: what was loaded from it may be kept by it."""

    def put(self, data: bytes, sha256: str = "") -> str:
        """Store bytes for good before this returns; return their key. Damaged ones are replaced.

        `sha256` is the digest of the bytes where the caller has it already. Raises DiskFullError.
        """

    def get(self, key: str) -> bytes:
        """Return the bytes of a key. Raises NotFoundError where they are gone, DamagedError where they are others."""

    def size(self, key: str) -> int:
        """Return how many bytes a blob has. Raises NotFoundError where it is gone."""

    def check(self, key: str) -> None:
        """Raise NotFoundError where a blob is gone, DamagedError where it holds other bytes."""

    def checked_path(self, key: str) -> Path:
        """Return the path of a file on this machine with the bytes of a key, for those who cannot do without.

        Such as models, which onnxruntime loads and browsers take in parts; not signals or originals, so that no copies
        of patients' data lie about. Raises NotFoundError, DamagedError.
        """

    def delete(self, key: str) -> None:
        """Forget a blob, and copies of it; the caller has made sure that no row refers to it."""

    def answers(self) -> bool:
        """Say whether the store is there, within seconds. Raises StoreUnavailableError with the reason."""

    def entries(self) -> Iterator[Entry]:
        """Yield everything that lies in the store."""

    def discard(self, entry: Entry) -> None:
        """Delete what is no blob: the rest of a write that was never finished."""


def storage_of(settings: Settings) -> Storage:
    """Return the store of an installation."""
    if not settings.storage_url:
        return LocalStorage(settings.data_dir / "blobs")
    from backend.storage.remote import RemoteStorage  # its library takes a second to load

    return RemoteStorage.of(settings)
