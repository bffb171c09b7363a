"""Keys of blobs, where one lies in its store, and the words where it does not."""

import re
from dataclasses import dataclass

from backend.errors import DamagedError, NotFoundError

_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that lies in a store: its name there, its key where it is a blob, and when it was written (Unix, s)."""

    name: str
    key: str | None
    modified: float


def is_key(text: str) -> bool:
    """Say whether a text is the key of a blob: the sha256 of its bytes."""
    return _KEY.fullmatch(text) is not None


def name_of(key: str) -> str:
    """Return the name of a blob below its store, the same in every kind of store. Raises ValueError."""
    if not is_key(key):
        raise ValueError("A storage key is 64 hexadecimal digits.")
    return f"{key[:2]}/{key[2:]}"


def missing(key: str) -> NotFoundError:
    """Return the error for a blob that is not there."""
    return NotFoundError(
        f"The stored bytes {key[:12]}… are missing. Import the file again, or restore a backup; 'exchangeai doctor' "
        "lists all that is missing."
    )


def damaged(key: str) -> DamagedError:
    """Return the error for a blob that holds other bytes than it should."""
    return DamagedError(
        f"The stored bytes {key[:12]}… are damaged: they no longer fit their hash. Import the file again, or restore "
        "a backup; 'exchangeai doctor' lists all that is damaged."
    )
