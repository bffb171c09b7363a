"""Downloading a file that may break off at any byte, from a server that may lie about its length."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2

from backend.exchange.connection import Answer, Connection
from backend.exchange.errors import ServerAnswerError, UnreachableError
from backend.exchange.progress import Progress
from backend.exchange.words import unreachable

_MOST_BREAKS: Final = 100  # however far each piece gets
_LONGEST_NOTE: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Note:
    """What the first answer said of the file: by this a later piece is known to be of the same.

    `validator` is its ETag, or where it has no strong one the time of its last change (RFC 9110, 13.1.5).
    """

    url: str
    validator: str
    total: int | None


def download(
    connection: Connection,
    url: str,
    what: str,
    into: Path,
    *,
    size: int | None,
    most: int | None,
    progress: Progress,
) -> None:
    """Download `url` to `into`, by way of `<into>.part`, which is continued where it is of the same file.

    A connection that breaks is taken up again where it broke, as long as it gets any further. Raises as
    `webdav.Folder.download` says.
    """
    part, beside = into.with_name(into.name + ".part"), into.with_name(into.name + ".part.json")
    pauses = connection.pauses()
    for _ in range(_MOST_BREAKS):
        before = _length(part)
        try:
            _piece(connection, url, what, part, beside, size, most, progress)
            break
        except httpx2.TransportError as problem:
            if _length(part) > before:
                pauses = connection.pauses()  # it gets further: patience begins anew
            pause = next(pauses, None)
            if pause is None:
                raise unreachable(problem, connection.host) from problem
            pause()
    else:
        raise UnreachableError(f"{connection.host} breaks off {what} again and again. Try again later.")
    part.replace(into)
    beside.unlink(missing_ok=True)


def _piece(
    connection: Connection,
    url: str,
    what: str,
    part: Path,
    beside: Path,
    size: int | None,
    most: int | None,
    progress: Progress,
) -> None:
    """Download the file, or the rest of it."""
    note = _read(beside, url)
    start = _length(part) if note is not None else 0
    headers = {}
    if note is not None and start:
        headers = {"Range": f"bytes={start}-", "If-Range": note.validator}
    with connection.stream(url, what, headers) as (answer, chunks):
        if answer.status == 416 or (answer.status == 206 and not _fits(answer, start, note)):
            _forget(part, beside)
            raise httpx2.ReadError("the piece does not fit what is here; from the beginning")
        if answer.status == 200:
            start = 0
        total = _total(answer, start)
        expected = size if size is not None else total
        if size is not None and total is not None and total != size:
            _forget(part, beside)
            raise ServerAnswerError(
                f"{connection.host} sends {what} with {total:,} bytes, but it should have {size:,}. Get it again, or "
                "tell its publisher."
            )
        if most is not None and expected is not None and expected > most:
            raise _too_long(what, most)
        if answer.status == 200:
            _forget(part, beside)
            _write(beside, _Note(url, _validator(answer), total))
        done = start
        with part.open("ab") as file:
            for chunk in _bounded(chunks, start, expected, most, what):
                file.write(chunk)
                done += len(chunk)
                progress(done, expected if expected is not None else 0)
    if expected is not None and done != expected:
        raise httpx2.ReadError("the server ended the file too early")


def _bounded(chunks: Iterator[bytes], start: int, expected: int | None, most: int | None, what: str) -> Iterator[bytes]:
    done = start
    for chunk in chunks:
        done += len(chunk)
        if most is not None and done > most:
            raise _too_long(what, most)
        if expected is not None and done > expected:
            raise ServerAnswerError(f"The server sends more of {what} than it has: over {expected:,} bytes.")
        yield chunk


def _too_long(what: str, most: int) -> ServerAnswerError:
    return ServerAnswerError(f"{what[:1].upper()}{what[1:]} is larger than {most / 2**20:,.0f} MiB, the limit here.")


def _fits(answer: Answer, start: int, note: _Note | None) -> bool:
    """Say whether a piece begins where it was asked to, and is of the file that was begun."""
    unit, _, rest = answer.headers.get("content-range", "").partition(" ")
    first, _, total = rest.partition("-")[0], None, rest.rpartition("/")[2]
    if note is None or unit != "bytes" or not first.isdecimal() or int(first[:20]) != start:
        return False
    return _validator(answer) in ("", note.validator) and (
        note.total is None or total == "*" or total == str(note.total)
    )


def _total(answer: Answer, start: int) -> int | None:
    if answer.status == 206:
        total = answer.headers.get("content-range", "").rpartition("/")[2]
    else:
        total = answer.headers.get("content-length", "")
        start = 0
    return int(total) if total.isascii() and total.isdigit() and len(total) < 18 and int(total) >= start else None


def _validator(answer: Answer) -> str:
    """Return by what pieces of a file can be told to belong together, "" where there is nothing."""
    etag = answer.headers.get("etag", "")
    found = etag if etag.startswith('"') else answer.headers.get("last-modified", "")
    return found if len(found) < 1000 else ""


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _forget(part: Path, beside: Path) -> None:
    part.unlink(missing_ok=True)
    beside.unlink(missing_ok=True)


def _write(beside: Path, note: _Note) -> None:
    beside.write_text(json.dumps({"url": note.url, "validator": note.validator, "total": note.total}))


def _read(beside: Path, url: str) -> _Note | None:
    """Return what is noted of a part that can be continued."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        data = json.loads(beside.read_text()[:_LONGEST_NOTE])
        note = _Note(str(data["url"]), str(data["validator"]), data["total"])
        if note.url == url and note.validator and (note.total is None or isinstance(note.total, int)):
            return note
    return None
