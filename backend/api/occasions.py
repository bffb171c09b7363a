"""Each request has an id, is counted and timed, and where logs are for programs it is a line of them.

What is counted and logged is the route, such as /api/v1/projects/{project_id}, never the path, query or body of a
request: those may hold what belongs to a patient.
"""

import logging
import re
import time
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.metrics import Metrics
from backend.logs import OCCASION

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
PREFIX = "/api/v1"
_SENT = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Occasions:
    """ASGI middleware, the outermost. `lines`: log each request."""

    def __init__(self, app: ASGIApp, metrics: Metrics, lines: bool) -> None:
        self._app, self._metrics, self._lines = app, metrics, lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through under its id: the one it brings, of a proxy perhaps, or a new one."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        brought = Headers(scope=scope).get(HEADER, "")
        number = brought if _SENT.fullmatch(brought) else uuid4().hex
        OCCASION.set(("request", number))
        status, began = 500, time.perf_counter()

        async def with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        try:
            await self._app(scope, receive, with_id)
        finally:
            seconds = time.perf_counter() - began
            route = _route(scope)
            self._metrics.request(scope["method"], route, status, seconds)
            if self._lines:
                fields = {"method": scope["method"], "route": route, "status": status, "ms": round(1000 * seconds, 1)}
                log.info("request", extra={"fields": fields})


def _route(scope: Scope) -> str:
    """Return the route that answered; empty where nothing is served under that path."""
    route = getattr(scope.get("route"), "path", "")
    within = scope["path"].startswith(f"{PREFIX}/") and not route.startswith(PREFIX)
    return f"{PREFIX}{route}" if route and within else route
