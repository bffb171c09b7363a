"""Zips taken apart safely, one entry at a time."""

import io
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator

from backend.ecg.errors import EcgError, UnreadableFileError
from backend.ecg.readers.archives.entry import (
    CHUNK,
    Budget,
    Refusal,
    bomb,
    budget_of,
    check_name,
    expandable,
    is_dropping,
    past_budget,
    too_large,
    too_many,
)  # fmt: skip
from backend.ecg.readers.sources import Limits, SourceFile

_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError, IndexError)

_HEADER = 30  # bytes before the name of an entry, which stands before its content


def is_zip(data: bytes) -> bool:
    """Whether the content is a zip archive (also an empty one)."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


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


def expand_zip(file: SourceFile, limits: Limits) -> Iterator[SourceFile | Refusal]:
    """Yield the files of a zip, named "archive.zip/entry", and a Refusal for each entry that cannot be taken.

    Raises UnreadableFileError for what is no readable zip and LimitError for one with too many entries.
    """
    # Each central directory record starts with this mark; counting marks first keeps a hostile directory unparsed.
    if file.data.count(b"PK\x01\x02") > limits.archive_entries:
        raise too_many(file.name, limits.archive_entries)
    with open_zip(file) as archive:
        budget = budget_of(len(file.data), limits)
        for info in archive.infolist():
            name = entry_name(info)
            if name.endswith("/") or is_dropping(name):  # ZipInfo.is_dir fails on an empty name
                continue
            shown = f"{file.name}/{name}"
            try:
                check_name(file.name, name)
                _check_kind(shown, info)
                yield SourceFile(shown, read_entry(archive, info, budget, limits, shown))
            except EcgError as error:
                yield Refusal(shown, error)


def open_zip(file: SourceFile) -> zipfile.ZipFile:
    """Open a zip whose entries each have bytes of their own.

    Raises UnreadableFileError for what is no readable zip, and for one whose entries overlap: a thousand entries of the
    same 50 MB expand to fifty gigabytes, and no single one of them is too large.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(file.data))
    except _BROKEN as error:
        raise UnreadableFileError(f"{file.name} is not a readable zip ({error}). Pack or copy it again.") from error
    places = sorted(
        (info.header_offset, info.header_offset + _HEADER + info.compress_size) for info in archive.filelist
    )
    starts = [start for start, _ in places[1:]] + [archive.start_dir]
    if any(end > following for (_, end), following in zip(places, starts, strict=False)):
        raise UnreadableFileError(
            f"{file.name} has entries that share the same bytes, as a zip bomb does. Pack the files again."
        )
    return archive


def read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, limits: Limits, name: str) -> bytes:
    """Expand one entry, counting real bytes off the budget. Raises LimitError past a limit, UnreadableFileError."""
    by_ratio = expandable(info.compress_size, limits)
    parts: list[bytes] = []
    total = 0
    try:
        with archive.open(info) as stream:
            while part := stream.read(CHUNK):
                total += len(part)
                budget.left -= len(part)
                if total > by_ratio:
                    raise bomb(name, limits)
                if total > limits.file_bytes:
                    raise too_large(name, limits.file_bytes)
                if budget.left < 0:
                    raise past_budget(name, budget.most)
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


def _check_kind(shown: str, info: zipfile.ZipInfo) -> None:
    if stat.S_ISLNK(info.external_attr >> 16):
        raise UnreadableFileError(f"{shown} is a symbolic link. Pack the file it points to.")
    if info.flag_bits & 0x1:
        raise UnreadableFileError(f"{shown} is encrypted. Unpack it with its password and upload the files.")
