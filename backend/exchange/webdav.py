"""One folder on a WebDAV server, and all that may be done in it."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

from backend.exchange.connection import Connection, Headers
from backend.exchange.download import download
from backend.exchange.errors import AbsentError, ExchangeError, NoRoomError, ServerAnswerError, TakenError
from backend.exchange.lock import locked
from backend.exchange.paths import encoded
from backend.exchange.progress import Progress, silent
from backend.exchange.propfind import LISTED, MAX_XML, ROOM, Entry, Quota, entries_in, quota_in
from backend.exchange.upload import CHUNK, nextcloud_at, put, put_in_chunks

__all__ = ["Entry", "Folder", "Progress", "Quota"]

_XML: Final = {"Content-Type": "application/xml; charset=utf-8"}
_MOVE_S: Final = 300.0  # servers on object stores copy every byte


class Folder:
    """A folder on a WebDAV server. Paths in it are relative, with "/" between names, which are plain text.

    `url` is the address of the folder itself; `user` and `password` are sent to that server and no other, and redirects
    to another are refused. `verify` may be a file of certificates to trust (PEM) instead of the system's. `timeout` in
    seconds is that of each step of a request; an answer that trickles in is given up as well. Requests that may be
    repeated are, `attempts` times in all with growing pauses, where the server does not answer or says 429, 502, 503 or
    504; all are where it says 423, since some lock what they write for that moment. Not for several threads at once.

    All methods raise AddressError for a path that is none, UnreachableError, CertificateError, AccessRefusedError,
    AbsentError, TakenError, LockedError, NoRoomError or ServerAnswerError, each in words that say what to do.
    """

    def __init__(
        self,
        url: str,
        user: str = "",
        password: str = "",
        *,
        verify: Path | Literal[True] = True,
        timeout: float = 30,
        attempts: int = 4,
        proxy: str = "",
        plain_http: bool = False,
        first_pause: float = 0.5,
    ) -> None:
        """Prepare, without a request. `plain_http` lets a password travel readable to other machines than this."""
        self._connection = Connection(
            url, user, password, verify=verify, timeout=timeout, attempts=attempts, proxy=proxy, plain_http=plain_http,
            first_pause=first_pause,
        )  # fmt: skip
        self._url = self._connection.url
        self._keeps_conditions: bool | None = None

    def __repr__(self) -> str:
        return f"Folder({self._url})"

    def __enter__(self) -> "Folder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def host(self) -> str:
        """Name and port of the server."""
        return self._connection.host

    def close(self) -> None:
        """End all connections."""
        self._connection.close()

    def pause(self, attempt: int, *, at_least: float = 0) -> None:
        """Wait before another attempt (0, 1, 2 …), each time about twice as long; `at_least` in seconds."""
        self._connection.pause(attempt, at_least)

    def list(self, path: str = "") -> list[Entry]:
        """Return what is in a folder (depth 1), sorted by name."""
        itself, inside = self._propfind(path, "1")
        if not itself.is_folder:
            raise ServerAnswerError(f"The address on {self.host} names a file. Give that of the folder it lies in.")
        return [*inside]

    def find(self, path: str) -> Entry | None:
        """Return what a file or folder is, None where there is none."""
        try:
            return self._propfind(path, "0")[0]
        except AbsentError:
            return None

    def read(self, path: str, most: int) -> tuple[bytes, str]:
        """Return a file of at most `most` bytes and its ETag ("" where there is none)."""
        answer = self._connection.ask("GET", self._at(path), _what(path), most=most)
        return answer.body, answer.headers.get("etag", "")

    def read_range(self, path: str, start: int, end: int) -> bytes:
        """Return the bytes from `start` up to, not including, `end`; fewer only at the end of the file.

        Raises ServerAnswerError where the server sends something else.
        """
        if not 0 <= start < end:
            return b""
        answer = self._connection.ask(
            "GET",
            self._at(path),
            _what(path),
            headers={"Range": f"bytes={start}-{end - 1}"},
            most=end - start,
            cut=True,
            accept=(416,),
        )
        if answer.status == 416:
            return b""
        sent = answer.headers.get("content-range", "")
        if answer.status == 200 and start == 0:  # of the whole file, what was asked for
            return answer.body
        if answer.status != 206 or not sent.startswith(f"bytes {start}-"):
            raise ServerAnswerError(f"{self.host} does not send parts of files (Range), which is needed here.")
        return answer.body

    def download(
        self, path: str, into: Path, *, size: int | None = None, most: int | None = None, progress: Progress = silent
    ) -> None:
        """Download a file. What is there already as `<into>.part` is continued if the file has not changed since.

        `into` appears only when all is there. Raises ServerAnswerError where the file is not `size` bytes long, is
        longer than `most`, or not as long as the server said.
        """
        download(self._connection, self._at(path), _what(path), into, size=size, most=most, progress=progress)

    def write(
        self,
        path: str,
        data: bytes,
        *,
        only_if_new: bool = False,
        only_if_etag: str | None = None,
        lock: str = "",
    ) -> str:
        """Write a small file at once; return its ETag, "" where the server tells none.

        Raises TakenError where it exists (`only_if_new`) or has changed (`only_if_etag`). Servers that ignore these
        conditions are found out by `keeps_conditions`. `lock` is what `locked` has given.
        """
        headers: dict[str, str] = {"Content-Type": "application/octet-stream"}
        if only_if_new:
            headers["If-None-Match"] = "*"
        if only_if_etag is not None:
            headers["If-Match"] = only_if_etag
        if lock:
            headers["If"] = f"(<{lock}>)"
        try:
            answer = self._connection.ask("PUT", self._at(path), _what(path), headers=headers, content=data)
        except TakenError:
            there = self._read_or_nothing(path, len(data))
            if there is None or there[0] != data:
                raise
            return there[1]  # it is ours: the first attempt went through, only its answer was lost
        return answer.headers.get("etag", "") or (self.find(path) or Entry("", False)).etag

    def keeps_conditions(self) -> bool:
        """Say whether the server honours If-Match and If-None-Match when files are written; asked once, by trying."""
        if self._keeps_conditions is None:
            probe = f".probe-{secrets.token_hex(8)}"
            try:
                self._keeps_conditions = (
                    not self._is_refused(probe, b"1", {"If-None-Match": "*"})
                    and self._is_refused(probe, b"2", {"If-None-Match": "*"})
                    and self._is_refused(probe, b"3", {"If-Match": '"no-such-tag"'})
                )
            finally:
                self.delete(probe)
        return self._keeps_conditions

    @contextmanager
    def locked(self, path: str, seconds: int = 120) -> Iterator[str]:
        """Lock a file that may not exist yet; yield the token for `write`, "" where the server knows no locks.

        Raises LockedError where somebody else has locked it.
        """
        with locked(self._connection, self._at(path), _what(path), seconds) as token:
            yield token

    def upload(self, path: str, source: Path, progress: Progress = silent) -> None:
        """Upload a file, in chunks where it is large and the server is a Nextcloud.

        Raises NoRoomError before anything is sent where the server says that it has too little room, and
        ServerAnswerError where the file is of another size when it is there.
        """
        size = source.stat().st_size
        room = self.quota() if size > CHUNK else None
        if room is not None and room.free is not None and room.free < size:
            raise NoRoomError(
                f"{self.host} has {room.free / 2**20:,.0f} MiB left, and {_what(path)} needs {size / 2**20:,.0f} MiB. "
                "Delete something there, or ask for more room."
            )
        server = nextcloud_at(self._url) if size > CHUNK else None
        if server is not None:
            put_in_chunks(self._connection, server, self._at(path), _what(path), source, progress)
        else:
            put(self._connection, self._at(path), _what(path), source, progress)
        there = self.find(path)
        if there is None or (there.size is not None and there.size != size):
            stored = "nothing" if there is None else f"{there.size:,} bytes"
            raise ServerAnswerError(
                f"{self.host} said that it has stored {_what(path)}, but holds {stored} of {size:,} bytes. Its disk "
                "may be full: tell its owner."
            )

    def make_folder(self, path: str) -> bool:
        """Make a folder and those above it; return whether it is new."""
        names = path.split("/")
        is_new = False
        for depth in range(1, len(names) + 1):
            step = "/".join(names[:depth])
            try:
                is_new = self._connection.ask("MKCOL", self._at(step) + "/", _what(step)).status == 201
            except ExchangeError:  # it exists, or another has just made it, which some servers stumble over (500)
                is_new = False
                if (there := self.find(step)) is None or not there.is_folder:
                    raise
        return is_new

    def move(self, source: str, target: str, overwrite: bool = False) -> None:
        """Move a file or a folder. Raises TakenError where the target exists, unless it may be overwritten."""
        itself = self._propfind(source, "0")[0]
        slash = "/" if itself.is_folder else ""
        headers: Headers = {"Destination": self._at(target) + slash, "Overwrite": "T" if overwrite else "F"}
        try:
            answer = self._connection.ask(
                "MOVE", self._at(source) + slash, _what(target), headers=headers, again=False, timeout=_MOVE_S
            )
            if answer.status == 207:  # of several files some were not moved
                raise ServerAnswerError(f"{self.host} could not move all of {_what(target)}. Try again.")
        except ExchangeError as problem:
            # an answer that was lost is no failure: is it there, and no longer here?
            if overwrite or self.find(target) is None:
                raise
            if self.find(source) is not None:  # some servers fail (500) where another was first by a moment
                raise TakenError(f"{_what(target)} is there already on {self.host}.") from problem
        if self.find(target) is None:  # wsgidav cuts a target at "?" and ";"
            where = "to somewhere else: it may cut addresses at “?” and “;”. Use a folder without them in its address."
            raise ServerAnswerError(f"{self.host} has moved {_what(source)} {where}")

    def delete(self, path: str) -> None:
        """Delete a file, or a folder with all in it; nothing happens where there is none."""
        there = self.find(path)
        if there is not None:
            slash = "/" if there.is_folder else ""
            answer = self._connection.ask("DELETE", self._at(path) + slash, _what(path), accept=(404,))
            if answer.status == 207:
                raise ServerAnswerError(f"{self.host} could not delete all of {_what(path)}. Try again.")

    def quota(self) -> Quota | None:
        """Return how much room there is, None where the server does not say."""
        headers = _XML | {"Depth": "0"}
        return quota_in(
            self._connection.ask("PROPFIND", self._url, "the folder", headers=headers, content=ROOM, most=MAX_XML).body
        )

    def check_writable(self) -> None:
        """Write a small file, move it as what is published is moved, and delete it; raises as these do."""
        probe = f".probe-{secrets.token_hex(8)}"
        self.write(probe, b"probe")
        try:
            self.move(probe, f"{probe}-moved")
        finally:
            for name in (probe, f"{probe}-moved"):
                self.delete(name)

    def _propfind(self, path: str, depth: str) -> tuple[Entry, Sequence[Entry]]:
        """Return what an entry is and what is in it; some servers insist on the slash of a folder."""
        url = self._at(path) + ("/" if path and depth == "1" else "")
        headers = _XML | {"Depth": depth}
        answer = self._connection.ask("PROPFIND", url, _what(path), headers=headers, content=LISTED, most=MAX_XML)
        return entries_in(answer.body, answer.url)

    def _is_refused(self, path: str, data: bytes, condition: Headers) -> bool:
        answer = self._connection.ask(
            "PUT", self._at(path), _what(path), headers=condition, content=data, accept=(412,)
        )
        return answer.status == 412

    def _read_or_nothing(self, path: str, most: int) -> tuple[bytes, str] | None:
        with suppress(ExchangeError):
            return self.read(path, most)
        return None

    def _at(self, path: str) -> str:
        return self._url + encoded(path)


def _what(path: str) -> str:
    return f"“{path:.100}”" if path else "the folder"
