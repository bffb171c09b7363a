"""A gate before the application: by which names and from which pages it may be called, and how much may be sent."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.errors import answer
from backend.ecg.errors import LimitError

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Guard:
    """ASGI middleware.

    Unsafe requests from pages of other origins are refused (a web page must not reach into a platform that runs on
    the same machine), host names that are not served too (DNS rebinding), and bodies above `max_bytes` are cut off
    while they arrive.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], max_bytes: int) -> None:
        self._app = app
        self._hosts = hosts
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _name(host) not in self._hosts:
            text = f"Open the page as http://{next(iter(self._hosts))}, or set EXCHANGEAI_ALLOWED_HOSTS to this name."
            await answer(403, "ForbiddenError", text)(scope, receive, send)
            return
        if scope["method"] not in SAFE_METHODS and _is_foreign(headers, host):
            text = "Requests from the pages of other sites are not accepted."
            await answer(403, "ForbiddenError", text)(scope, receive, send)
            return
        too_large = f"At most {self._max_bytes / 1024**2:.3g} MB can be sent at once. Send less."
        if int(headers.get("content-length") or 0) > self._max_bytes:
            await answer(413, LimitError.__name__, too_large)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                raise HTTPException(413, too_large)  # other errors become a 400 where forms are parsed
            return message

        await self._app(scope, counted, send)


def _name(host: str) -> str:
    return (host.rsplit(":", 1)[0] if not host.endswith("]") else host).lower()


def _is_foreign(headers: Headers, host: str) -> bool:
    """Say whether a request comes from a page of another site, by what every present browser tells."""
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        return True
    return headers.get("sec-fetch-site") in ("cross-site", "same-site")
