"""What all archives share: refusals, names that may be taken, and the budget of bytes they expand to."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from backend.ecg.errors import EcgError, LimitError, UnreadableFileError
from backend.ecg.readers.sources import Limits

CHUNK = 1 << 20
_FREE_BYTES = 1 << 20  # this much may expand at any ratio


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not taken, and why."""

    name: str
    error: EcgError


@dataclass(slots=True)
class Budget:
    """The bytes an archive may still expand to, over all its entries, also those refused halfway."""

    left: int


def expandable(packed: int, limits: Limits) -> int:
    """The bytes that `packed` bytes may expand to."""
    return max(_FREE_BYTES, int(limits.archive_ratio * packed))


def check_name(archive: str, name: str) -> None:
    """Raise UnreadableFileError for an entry whose name points outside the archive or cannot be shown."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\\" in name or name[1:2] == ":" or not name.isprintable():
        raise UnreadableFileError(
            f"{archive} has an entry named '{ascii(name)[1:-1][:300]}', which points outside the archive or is no "
            "name. Rename it and pack the archive again."
        )


def is_dropping(name: str) -> bool:
    """Whether an entry is a leaving of an operating system."""
    parts = PurePosixPath(name).parts
    base = parts[-1] if parts else ""
    return "__MACOSX" in parts or base.startswith("._") or base in (".DS_Store", "Thumbs.db", "desktop.ini")


def too_large(name: str, most: int) -> LimitError:
    """The error for a file of more than `most` bytes."""
    return LimitError(f"{name} holds more than the {most:,} bytes allowed. Upload it in parts.")


def too_many(name: str, most: int) -> LimitError:
    """The error for an archive of more than `most` entries."""
    return LimitError(f"{name} has more than {most:,} entries. Upload it in parts.")


def bomb(name: str, limits: Limits) -> LimitError:
    """The error for what expands beyond the ratio."""
    return LimitError(
        f"{name} expands to more than {limits.archive_ratio:g} times its packed size, as a zip bomb does. "
        "If it is sound, unpack it and upload it unpacked."
    )


def past_budget(name: str, limits: Limits) -> LimitError:
    """The error for what expands beyond the bytes of a whole archive."""
    return LimitError(
        f"{name} is past the {limits.archive_bytes:,} bytes an archive may expand to. "
        "Upload the rest in further archives."
    )
