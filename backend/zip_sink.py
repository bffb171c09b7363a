"""Where a zip is written to that is sent while it is made."""

from collections.abc import Iterator


class ZipSink:
    """A file for `zipfile` that keeps what was written until it is taken."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep bytes; return how many."""
        self._chunks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing; `zipfile` asks for it."""

    def taken(self) -> Iterator[bytes]:
        """Yield what was written since the last time, once."""
        chunks, self._chunks = self._chunks, []
        yield from chunks
