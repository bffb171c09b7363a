"""A server on raw sockets that answers whatever a test wants, also what no library would send."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Say = Callable[["Asked"], "bytes | Iterable[bytes]"]


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Liar:
    """What was asked of it, and what it says."""

    say: Say
    port: int = 0
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}/dav/"


@contextmanager
def liar(say: Say, context: ssl.SSLContext | None = None) -> Iterator[Liar]:
    """Run it; what it says is sent as it is, and the connection is closed behind it."""
    server = Liar(say, scheme="https" if context else "http")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server.port = listening.getsockname()[1]
        threading.Thread(target=_accept, args=(listening, server, context), daemon=True).start()
        yield server


def _accept(listening: socket.socket, server: Liar, context: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(connection, server, context), daemon=True).start()


def _serve(connection: socket.socket, server: Liar, context: ssl.SSLContext | None) -> None:
    with suppress(OSError), connection:
        spoken = context.wrap_socket(connection, server_side=True) if context else connection
        with spoken, spoken.makefile("rb") as lines:
            method, path, _ = lines.readline().decode("latin-1").split(" ", 2)
            headers: dict[str, str] = {}
            while (line := lines.readline().decode("latin-1").strip()) != "":
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            asked = Asked(method, path, headers, lines.read(int(headers.get("content-length", 0))))
            server.asked.append(asked)
            said = server.say(asked)
            for piece in [said] if isinstance(said, bytes) else said:
                spoken.sendall(piece)


def answer(status: int | str, body: bytes = b"", **headers: object) -> bytes:
    """Return an honest answer; a header of None is left out."""
    told = {"Content-Length": len(body), "Connection": "close", **{k.replace("_", "-"): v for k, v in headers.items()}}
    lines = [f"HTTP/1.1 {status} x", *(f"{name}: {value}" for name, value in told.items() if value is not None)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def listing(*entries: tuple[str, int | None], before: str = "", itself: str = "/dav/") -> bytes:
    """Return a PROPFIND answer: href -> size, None for folders."""
    rows = "".join(
        f"<d:response><d:href>{href}</d:href><d:propstat><d:prop>"
        + ("<d:resourcetype><d:collection/></d:resourcetype>" if size is None else "<d:resourcetype/>")
        + ("" if size is None else f"<d:getcontentlength>{size}</d:getcontentlength>")
        + "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        for href, size in ((itself, None), *entries)
    )
    xml = f'<?xml version="1.0"?>{before}<d:multistatus xmlns:d="DAV:">{rows}</d:multistatus>'
    return answer(207, xml.encode())
