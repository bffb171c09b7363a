"""Answers in the language that whoever asks wants: what the platform says of its own, never names or other data."""

from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.language.spoken import chosen, speaking


class Languages:
    """ASGI middleware: `Accept-Language` says the language for as long as the request lasts.

    For what cannot send headers, such as a stream of events, `?language=de` in the address says it too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through in its language; caches are told that the answer depends on it."""
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("language", [])
        language = chosen(asked[0] if asked else Headers(scope=scope).get("Accept-Language", ""))

        async def with_language(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Accept-Language")
                if headers.get("Content-Type", "").startswith("application/json"):
                    headers["Content-Language"] = language
            await send(message)

        with speaking(language):
            await self._app(scope, receive, with_language)
