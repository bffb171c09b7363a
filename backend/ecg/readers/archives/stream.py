"""Streams out of gzip, bzip2 and xz, whose expanded bytes are counted as they come."""

import bz2
import gzip
import io
import lzma
import zlib

from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers.archives.entry import CHUNK, bomb, expandable, past_budget
from backend.ecg.readers.sources import Limits, SourceFile

_GZIP, _BZIP2, _XZ = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00"
_MOST_MEMORY = 256 << 20  # of the xz dictionary, whose size its header claims
_BROKEN = (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, MemoryError)


def is_compressed(data: bytes) -> bool:
    """Whether the content is a gzip, bzip2 or xz stream."""
    return data.startswith((_GZIP, _XZ)) or (data.startswith(_BZIP2) and data[4:10] == b"1AY&SY")


class Stream:
    """The content of a file, expanded if it is compressed, read from start to end.

    Reading raises LimitError past the ratio or the bytes of an archive, UnreadableFileError for damaged content.
    """

    def __init__(self, file: SourceFile, limits: Limits) -> None:
        self._name = file.name
        self._limits = limits
        self._read = 0
        self._compressed = is_compressed(file.data)
        self._by_ratio = expandable(len(file.data), limits) if self._compressed else len(file.data)
        self._source = _opened(file.data)

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer only at the end."""
        parts: list[bytes] = []
        while size:
            try:
                part = self._source.read(min(size, CHUNK))
            except _BROKEN as error:
                raise UnreadableFileError(
                    f"{self._name} cannot be unpacked ({error}). Pack or copy it again."
                ) from error
            if not part:
                break
            self._read += len(part)
            size -= len(part)
            if self._read > self._by_ratio:
                raise bomb(self._name, self._limits)
            if self._read > self._limits.archive_bytes:
                raise past_budget(self._name, self._limits.archive_bytes)
            parts.append(part)
        return b"".join(parts)

    def skip(self, size: int) -> int:
        """Pass over `size` bytes and return how many there were."""
        passed = 0
        while passed < size and (part := self.read(min(size - passed, CHUNK))):
            passed += len(part)
        return passed


class _Xz(io.RawIOBase):
    """An xz stream read with bounded memory, which lzma.LZMAFile cannot do."""

    def __init__(self, data: bytes) -> None:
        self._source = io.BytesIO(data)
        self._decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, _MOST_MEMORY)

    def read(self, size: int = -1) -> bytes:
        while not self._decoder.eof:
            packed = self._source.read(CHUNK) if self._decoder.needs_input else b""
            if self._decoder.needs_input and not packed:
                raise EOFError("it ends too early")
            if part := self._decoder.decompress(packed, size):
                return part
        if self._decoder.unused_data.strip(b"\0") or self._source.read(CHUNK).strip(b"\0"):
            raise lzma.LZMAError("it holds several streams")
        return b""


def _opened(data: bytes) -> io.IOBase:
    if data.startswith(_GZIP):
        return gzip.GzipFile(fileobj=io.BytesIO(data))
    if is_compressed(data):
        return _Xz(data) if data.startswith(_XZ) else bz2.BZ2File(io.BytesIO(data))
    return io.BytesIO(data)
