"""Zips taken apart safely, one entry at a time."""

import io
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from backend.ecg.errors import EcgError, LimitError, UnreadableFileError, UnsupportedFormatError
from backend.ecg.readers.sources import Limits, SourceFile

_CHUNK = 1 << 20
_FREE_BYTES = 1 << 20  # an entry may expand this far at any ratio
_ZIP = b"PK\x03\x04"
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError, IndexError)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not taken, and why."""

    name: str
    error: EcgError


@dataclass(slots=True)
class Budget:
    """The bytes an archive may still expand to, over all its entries, also those refused halfway."""

    left: int


def is_zip(data: bytes) -> bool:
    """Whether the content is a zip archive (also an empty one)."""
    return data[:4] in (_ZIP, b"PK\x05\x06")


def is_npz(data: bytes) -> bool:
    """Whether the content is a zip of NumPy arrays, which is a recording file and no archive of files."""
    if not is_zip(data):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except _BROKEN:
        return False
    return bool(names) and all(name.endswith(".npy") for name in names)


def expand_zip(file: SourceFile, limits: Limits | None = None) -> Iterator[SourceFile | Refusal]:
    """Yield the files of a zip, named "archive.zip/entry", and a Refusal for each entry that cannot be taken.

    Folders and the droppings of operating systems are passed over. A bad entry does not stop the rest. All limits
    hold for the bytes really expanded. Raises UnreadableFileError for what is no readable zip and LimitError for one
    with too many entries.
    """
    limits = limits or Limits()
    if len(file.data) > limits.file_bytes:
        raise LimitError(_too_large(file.name, limits.file_bytes))
    # Each central directory record starts with this mark; counting marks first keeps a hostile directory unparsed.
    if file.data.count(b"PK\x01\x02") > limits.archive_entries:
        raise LimitError(f"{file.name} has more than {limits.archive_entries:,} entries. Upload it in parts.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(file.data))
    except _BROKEN as error:
        raise UnreadableFileError(f"{file.name} is not a readable zip ({error}). Pack or copy it again.") from error
    with archive:
        budget = Budget(limits.archive_bytes)
        for info in archive.infolist():
            name = entry_name(info)
            if info.is_dir() or _is_dropping(name):
                continue
            shown = f"{file.name}/{name}"
            try:
                _check_entry(file.name, name, info)
                data = read_entry(archive, info, budget, limits, shown)
            except EcgError as error:
                yield Refusal(shown, error)
                continue
            if is_zip(data) and not is_npz(data):
                yield Refusal(shown, UnsupportedFormatError(f"{shown} is a zip within a zip. Upload it by itself."))
            else:
                yield SourceFile(shown, data)


def read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, limits: Limits, name: str) -> bytes:
    """Expand one entry, counting real bytes off the budget. Raises LimitError past a limit, UnreadableFileError."""
    by_ratio = max(_FREE_BYTES, int(limits.archive_ratio * info.compress_size))
    parts: list[bytes] = []
    total = 0
    try:
        with archive.open(info) as stream:
            while part := stream.read(_CHUNK):
                total += len(part)
                budget.left -= len(part)
                if total > by_ratio:
                    raise LimitError(
                        f"{name} expands to more than {limits.archive_ratio:g} times its packed size, as a zip bomb "
                        "does. If it is sound, unpack it and upload it unpacked."
                    )
                if total > limits.file_bytes:
                    raise LimitError(_too_large(name, limits.file_bytes))
                if budget.left < 0:
                    raise LimitError(
                        f"{name} is past the {limits.archive_bytes:,} bytes an archive may expand to. "
                        "Upload the rest in further archives."
                    )
                parts.append(part)
    except (*_BROKEN, NotImplementedError) as error:
        raise UnreadableFileError(f"{name} cannot be unpacked ({error}). Pack or copy the zip again.") from error
    return b"".join(parts)


def entry_name(info: zipfile.ZipInfo) -> str:
    """The name of an entry; UTF-8 where the bytes are UTF-8, also if the packing program did not flag them so."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _check_entry(archive: str, name: str, info: zipfile.ZipInfo) -> None:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\\" in name or name[1:2] == ":" or not name.isprintable():
        raise UnreadableFileError(
            f"{archive} has an entry named '{ascii(name)[1:-1]}', which points outside the archive or is no name. "
            "Rename it and pack the zip again."
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise UnreadableFileError(f"{archive}/{name} is a symbolic link. Pack the file it points to.")
    if info.flag_bits & 0x1:
        raise UnreadableFileError(f"{archive}/{name} is encrypted. Unpack it with its password and upload the files.")


def _is_dropping(name: str) -> bool:
    parts = PurePosixPath(name).parts
    base = parts[-1] if parts else ""
    return "__MACOSX" in parts or base.startswith("._") or base in (".DS_Store", "Thumbs.db", "desktop.ini")


def _too_large(name: str, most: int) -> str:
    return f"{name} holds more than the {most:,} bytes allowed. Upload it in parts."
