"""Locks of WebDAV (RFC 4918, class 2), for servers that ignore the conditions of a write."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from backend.exchange.connection import Connection

_LOCK: Final = (
    b'<?xml version="1.0" encoding="utf-8"?><d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope>'
    b"<d:locktype><d:write/></d:locktype></d:lockinfo>"
)
_UNKNOWN: Final = (400, 403, 405, 412, 501)  # what servers answer that know no locks


@contextmanager
def locked(connection: Connection, url: str, what: str, seconds: int) -> Iterator[str]:
    """Lock a file, which need not exist; yield the token, "" where the server knows no locks. Raises LockedError."""
    headers = {"Content-Type": "application/xml; charset=utf-8", "Depth": "0", "Timeout": f"Second-{seconds}"}
    answer = connection.ask("LOCK", url, what, headers=headers, content=_LOCK, again=False, accept=_UNKNOWN)
    token = answer.headers.get("lock-token", "").strip().removeprefix("<").removesuffix(">")
    if answer.status >= 300 or not token.isprintable() or set(token) & set("<>()"):
        token = ""
    try:
        yield token
    finally:
        if token:
            headers = {"Lock-Token": f"<{token}>"}
            connection.ask("UNLOCK", url, what, headers=headers, again=False, accept=(400, 404, 409, 412))
