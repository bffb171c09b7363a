"""Tar archives taken apart safely, one entry after the other as they lie in the stream.

Source: POSIX.1-2017, pax: ustar and pax interchange formats; GNU tar manual, long names.
"""

import tarfile
from collections.abc import Iterator

from backend.ecg.errors import EcgError, UnreadableFileError
from backend.ecg.readers.archives.entry import CHUNK, Refusal, check_name, is_dropping, too_large, too_many
from backend.ecg.readers.archives.stream import Stream
from backend.ecg.readers.sources import Limits, SourceFile

_BLOCK = 512
_MOST_META = 1 << 16  # bytes of a long name or of the extended facts of an entry
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_EXTENDED = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_META = (*_EXTENDED, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_KINDS = {
    tarfile.SYMTYPE: "a symbolic link. Pack the file it points to.",
    tarfile.LNKTYPE: "a link to another entry. Pack the file itself.",
}


def is_tar(head: bytes) -> bool:
    """Whether content begins with the header of a tar entry, by its checksum."""
    return _header(head[:_BLOCK]) is not None


def expand_tar(head: bytes, stream: Stream, archive: str, limits: Limits) -> Iterator[SourceFile | Refusal]:
    """Yield the files of a tar, whose first block is `head`, and a Refusal for each entry that cannot be taken.

    Raises UnreadableFileError for a damaged or truncated archive, or one with more after its end; LimitError for too
    many entries or bytes.
    """
    count = 0
    name, size, sparse = None, None, False
    while len(head) == _BLOCK and any(head):
        info = _header(head)
        count += 1
        if info is None or info.type == tarfile.GNUTYPE_SPARSE:
            raise UnreadableFileError(f"{archive} is damaged, or sparse, after {count - 1} entries. Pack it again.")
        if count > limits.archive_entries:
            raise too_many(archive, limits.archive_entries)
        length = info.size if size is None else size
        if info.type in _META:
            meta = _content(stream, archive, info.size, _MOST_META)
            if info.type == tarfile.GNUTYPE_LONGNAME:
                name = meta.rstrip(b"\0").decode("utf-8", "surrogateescape")
            elif info.type in _EXTENDED:
                name, size, sparse = _extended(meta, archive)
        else:
            shown_name = _readable(name or info.name)
            if info.type == tarfile.DIRTYPE or shown_name.endswith("/") or is_dropping(shown_name):
                _pass_over(stream, archive, length)
            else:
                yield _entry(stream, archive, shown_name, b"sparse" if sparse else info.type, length, limits)
            name, size, sparse = None, None, False
        head = stream.read(_BLOCK)
    while head:  # to the end, where compressed streams have their checksum
        if any(head):
            raise UnreadableFileError(f"{archive} goes on after its end: unpack it and upload the files.")
        head = stream.read(CHUNK)


def _entry(stream: Stream, archive: str, name: str, kind: bytes, length: int, limits: Limits) -> SourceFile | Refusal:
    shown = f"{archive}/{name}"
    try:
        check_name(archive, name)
        if kind not in _FILES:
            what = _KINDS.get(kind, "a device, a pipe or a sparse file. Pack plain files only.")
            raise UnreadableFileError(f"{shown} is {what}")
        if length > limits.file_bytes:
            raise too_large(shown, limits.file_bytes)
    except EcgError as error:
        _pass_over(stream, archive, length if kind not in _KINDS else 0)
        return Refusal(shown, error)
    return SourceFile(shown, _content(stream, archive, length, limits.file_bytes))


def _content(stream: Stream, archive: str, length: int, most: int) -> bytes:
    """Read the content of an entry and what fills its last block."""
    if length > most:
        raise UnreadableFileError(f"{archive} is damaged: an entry has {length:,} bytes of name. Pack it again.")
    data = stream.read(length)
    if len(data) < length or stream.skip(-length % _BLOCK) < -length % _BLOCK:
        raise _truncated(archive)
    return data


def _pass_over(stream: Stream, archive: str, length: int) -> None:
    whole = length + -length % _BLOCK
    if stream.skip(whole) < whole:
        raise _truncated(archive)


def _header(block: bytes) -> tarfile.TarInfo | None:
    """Parse one block; its length is bounded, so that the library cannot be led astray."""
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return None
    return info if info.size >= 0 else None


def _extended(meta: bytes, archive: str) -> tuple[str | None, int | None, bool]:
    """Return path, size and whether an entry is sparse from pax records: "<length> <key>=<value>\\n"."""
    found: dict[bytes, bytes] = {}
    start = 0
    try:
        while start < len(meta) and meta[start]:
            length = int(meta[start : meta.index(b" ", start, start + 20)])
            if not 5 <= length <= len(meta) - start:
                raise ValueError(length)
            key, _, value = meta[start : start + length - 1].partition(b" ")[2].partition(b"=")
            found[key] = value
            start += length
        size = int(found[b"size"]) if b"size" in found else None
        if size is not None and size < 0:
            raise ValueError(size)
    except ValueError as error:
        raise UnreadableFileError(f"{archive} is damaged in its extended headers. Pack it again.") from error
    path = found.get(b"path")
    sparse = any(key.startswith(b"GNU.sparse") for key in found)
    return path.decode("utf-8", "surrogateescape") if path is not None else None, size, sparse


def _readable(name: str) -> str:
    """The name, by Windows-1252 where its bytes are no UTF-8."""
    try:
        plain = name.encode("utf-8").decode()
    except UnicodeEncodeError:
        plain = name.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
    return plain.removeprefix("./")


def _truncated(archive: str) -> UnreadableFileError:
    return UnreadableFileError(f"{archive} is cut off within an entry. Pack or copy it again.")
