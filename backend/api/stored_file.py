"""A stored file as an answer, of which a part may be asked for."""

from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from backend.api.errors import answer, responses

RANGES = responses(400, 416)


class StoredFile(FileResponse):
    """Starlette's own, but that a range which cannot be served is refused in the wire form of all errors."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, or the ranges of it that are asked for."""
        refused = False

        async def in_wire_form(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] >= 400:
                refused = True
                text = "The range of bytes asked for does not exist, or is not written as “bytes=0-99”. Correct it."
                await answer(message["status"], "RangeError", text)(scope, receive, send)
            elif not refused:
                await send(message)

        await super().__call__(scope, receive, in_wire_form)
