"""Uploading a file: as one PUT, or in chunks where the server is a Nextcloud and the file is large."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import httpx2

from backend.exchange.connection import Connection
from backend.exchange.errors import ExchangeError
from backend.exchange.progress import Progress

CHUNK: Final = 16 << 20
"""Bytes of a chunk; Nextcloud wants 5 MiB to 5 GiB, and at most 10,000 of them."""
_BLOCK: Final = 1 << 18
_FILES: Final = "/remote.php/dav/files/"
_ASSEMBLY_S: Final = 600.0  # a server may take minutes to put a large file together


@dataclass(frozen=True, slots=True)
class Nextcloud:
    """Where a Nextcloud collects the chunks of a user's uploads."""

    uploads: str


def nextcloud_at(url: str) -> Nextcloud | None:
    """Return where chunks go, if the address is a user's folder of a Nextcloud (or ownCloud 10), else None."""
    parts = urlsplit(url)
    before, found, after = parts.path.partition(_FILES)
    user = after.partition("/")[0]
    if not found or not user:
        return None
    return Nextcloud(f"{parts.scheme}://{parts.netloc}{before}/remote.php/dav/uploads/{user}/")


def put(connection: Connection, url: str, what: str, source: Path, progress: Progress) -> None:
    """Upload a file as one body, again from its beginning where the connection breaks."""
    size = source.stat().st_size
    connection.ask(
        "PUT",
        url,
        what,
        headers={"Content-Length": str(size), "Content-Type": "application/octet-stream"},
        content=_read(source, 0, size, lambda done: progress(done, size)),
    )


def put_in_chunks(
    connection: Connection, server: Nextcloud, url: str, what: str, source: Path, progress: Progress
) -> None:
    """Upload a file with Nextcloud's chunked upload, version 2: only the chunk that broke is sent again.

    https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/chunking.html. Nothing is at `url`
    before the last step, the MOVE of the assembled file.
    """
    size = source.stat().st_size
    folder = server.uploads + quote(f"exchangeai-{secrets.token_hex(16)}") + "/"
    headers = {"Destination": url, "OC-Total-Length": str(size)}
    connection.ask("MKCOL", folder, "the folder for the parts", headers=headers, again=False)
    try:
        for number, start in enumerate(range(0, size, CHUNK), start=1):
            length = min(CHUNK, size - start)
            connection.ask(
                "PUT",
                f"{folder}{number:05d}",
                f"part {number} of {what}",
                headers=headers | {"Content-Length": str(length)},
                content=_read(source, start, length, lambda done, start=start: progress(start + done, size)),  # type: ignore[misc]
            )
        connection.ask("MOVE", f"{folder}.file", what, headers=headers, again=False, timeout=_ASSEMBLY_S)
    except (ExchangeError, httpx2.HTTPError):
        _give_up(connection, folder)
        raise


def _give_up(connection: Connection, folder: str) -> None:
    """Delete the chunks; a server that cannot even do this deletes them by itself after a day."""
    try:
        connection.ask("DELETE", folder, "the folder for the parts", again=False)
    except ExchangeError:
        return


def _read(source: Path, start: int, length: int, progress: Callable[[int], None]) -> Callable[[], Iterator[bytes]]:
    def blocks() -> Iterator[bytes]:
        with source.open("rb") as file:
            file.seek(start)
            left = length
            while left and (block := file.read(min(_BLOCK, left))):
                yield block
                left -= len(block)
                progress(length - left)

    return blocks
