"""Jobs of a platform: what they say, live, and waiting for their end."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any, Final, Literal

from exchangeai.connection import Connection
from exchangeai.errors import JobFailedError, UnreachableError
from exchangeai.shapes import JobInfo

FINISHED: Final = ("done", "failed", "cancelled")
_LONGEST_LINE = 16 << 20


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a job said: `kind` ("status", "log", "epoch", "result" …) tells what its payload is (docs/api.md)."""

    number: int
    kind: str
    payload: Mapping[str, Any]
    created_at: str


class Job:
    """A job of a platform, of a project or of an exchange."""

    def __init__(
        self, connection: Connection, owner_id: str, job_id: str, *, of: Literal["projects", "exchanges"] = "projects"
    ) -> None:
        self._connection = connection
        self.id = job_id
        self._path = f"/{of}/{owner_id}/jobs/{job_id}"

    def info(self) -> JobInfo:
        """Return where it stands."""
        shown: JobInfo = self._connection.json("GET", self._path)
        return shown

    def cancel(self, *, keep_model: bool = False) -> JobInfo:
        """Ask it to stop; a running one stops at its next step. Raises ConflictError for one that has ended.

        With `keep_model` a training is not cancelled: it ends with the model of its best epoch so far.
        """
        query: dict[str, Any] = {"keep_model": True} if keep_model else {}
        shown: JobInfo = self._connection.json("POST", f"{self._path}/cancel", **query)
        return shown

    def resume(self) -> JobInfo:
        """Have it go on that has failed or was cancelled. Raises ConflictError where it cannot."""
        shown: JobInfo = self._connection.json("POST", f"{self._path}/resume")
        return shown

    def events(self, after: int = 0) -> Iterator[Event]:
        """Yield what it says, live, from the event after that number on, until it has ended.

        Where the line breaks the stream is taken up again after the last event: none is missed, and none comes twice.
        Raises UnreachableError where it does not come back.
        """
        tries = 0
        while True:
            try:
                with closing(self._stream(after)) as stream:
                    for kind, number, data in _messages(stream):
                        if kind == "end":
                            return
                        if kind == "job" or number is None:
                            continue
                        said = json.loads(data)
                        after, tries = number, 0
                        yield Event(number, said["kind"], said["payload"], said["created_at"])
            except (OSError, HTTPException) as error:
                if tries >= self._connection.retries:
                    raise UnreachableError(
                        f"The events of job {self.id} broke off ({error}). Follow it again."
                    ) from error
            if tries >= self._connection.retries:
                raise UnreachableError(f"The events of job {self.id} broke off. Follow it again.")
            tries += 1
            time.sleep(min(5.0, 0.2 * 2**tries))

    def wait(self, on_event: Callable[[Event], None] | None = None) -> dict[str, Any]:
        """Wait until it is done and return what it has made: ids such as `model_id` or `prediction_id`.

        `on_event` is told all that it says. Raises JobFailedError with the reason where it failed or was cancelled.
        """
        made: dict[str, Any] = {}
        for event in self.events():
            if event.kind == "result":
                made |= event.payload
            if on_event is not None:
                on_event(event)
        shown = self.info()
        if shown["status"] != "done":
            reason = shown["error"] or f"It was {shown['status']}."
            raise JobFailedError(reason, error=str(shown["status"]))
        return made

    def _stream(self, after: int) -> HTTPResponse:
        wanted = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
        return self._connection.open("GET", f"{self._path}/stream", headers=wanted)

    def __repr__(self) -> str:
        return f"<Job {self.id}>"


def _messages(stream: HTTPResponse) -> Iterator[tuple[str, int | None, str]]:
    """Yield kind, number and data of server-sent events (the WHATWG's HTML standard, 9.2.6); comments are passed over.

    An event that the line breaks off in is none: it comes again.
    """
    kind, number, data = "message", None, list[str]()
    while line := stream.readline(_LONGEST_LINE).decode():
        text = line.rstrip("\r\n")
        if not text:
            if data:
                yield kind, number, "\n".join(data)
            kind, number, data = "message", None, []
            continue
        name, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            kind = value
        elif name == "id" and value.isdigit():
            number = int(value)
        elif name == "data":
            data.append(value)
