"""A gate before the application: who may call, how much may be sent, what a browser may do with the answers."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.errors import answer
from backend.ecg.errors import LimitError

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "worker-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_DOCS_POLICY = _POLICY + "; script-src 'self' 'unsafe-inline'"


class Guard:
    """ASGI middleware.

    Unsafe requests from pages of other origins are refused (a web page must not reach into a platform that runs on
    the same machine), foreign host names too where only local ones are served (DNS rebinding), and bodies above
    `max_bytes` are cut off while they arrive.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] | None, max_bytes: int) -> None:
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
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if self._hosts is not None and name not in self._hosts:
            await answer(403, "ForbiddenError", f"Open the page as http://{next(iter(self._hosts))}.")(
                scope, receive, send
            )
            return
        origin = headers.get("origin")
        if scope["method"] not in SAFE_METHODS and origin is not None and urlsplit(origin).netloc != host:
            await answer(403, "ForbiddenError", "Requests from the pages of other sites are not accepted.")(
                scope, receive, send
            )
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

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = MutableHeaders(scope=message)
                added["X-Content-Type-Options"] = "nosniff"
                added["Referrer-Policy"] = "same-origin"
                added["Content-Security-Policy"] = _DOCS_POLICY if scope["path"] == "/docs" else _POLICY
                if scope["path"].startswith("/api/"):
                    added.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, counted, with_headers)
