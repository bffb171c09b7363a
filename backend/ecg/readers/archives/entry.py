"""What all archives share: refusals, names that may be taken, and the budget of bytes they expand to."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from backend.ecg.errors import EcgError, LimitError, UnreadableFileError
from backend.ecg.readers.sources import Limits

CHUNK = 1 << 20
_FREE_BYTES = 1 << 20  # this much of an entry may expand at any ratio
_FREE_ARCHIVE = 64 << 20  # and this much of an archive


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not taken, and why: the words alone. A traceback would keep all that its functions held."""

    name: str
    error: EcgError

    def __post_init__(self) -> None:
        """Let go of what the error was raised from."""
        self.error.__traceback__ = self.error.__cause__ = self.error.__context__ = None


class Budget:
    """The bytes an archive may expand to, and has `left`, over all its entries, also those refused halfway."""

    def __init__(self, most: int) -> None:
        self.most = self.left = most


def budget_of(packed: int, limits: Limits) -> Budget:
    """The budget of an archive of `packed` bytes: many small entries together are no more than one large one."""
    return Budget(min(limits.archive_bytes, max(_FREE_ARCHIVE, int(limits.archive_ratio * packed))))


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


def past_budget(name: str, most: int) -> LimitError:
    """The error for what expands beyond the bytes that a whole archive may."""
    return LimitError(
        f"{name} is past the {most:,} bytes an archive may expand to. Upload the rest in further archives."
    )
