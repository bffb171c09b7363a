"""Requests to a platform, on the standard library alone: errors in its own words, patience where it is busy."""

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from email.message import Message
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urljoin, urlsplit
from urllib.request import BaseHandler, HTTPRedirectHandler, OpenerDirector, Request, build_opener
from uuid import uuid4

from exchangeai.errors import ApiError, BusyError, UnreachableError, error_of

API = "/api/v1"
LONGEST_WAIT_S = 60.0
_CHUNK = 1 << 20
Json = Any


class Body(Protocol):
    """What is sent: made anew for each try."""

    @property
    def content_type(self) -> str:
        """Its media type."""

    @property
    def size(self) -> int:
        """Its length in bytes."""

    def chunks(self) -> Iterator[bytes]:
        """Yield it piece by piece."""


class JsonBody:
    """A value as JSON."""

    content_type = "application/json"

    def __init__(self, value: Json) -> None:
        self._data = json.dumps(value).encode()
        self.size = len(self._data)

    def chunks(self) -> Iterator[bytes]:
        """Yield it whole."""
        yield self._data


class _NoRedirects(HTTPRedirectHandler):
    """A key is for one address: it is not carried to another."""

    def redirect_request(self, req: Request, *details: Any) -> Request | None:
        """Refuse to follow."""
        raise UnreachableError(
            f"{req.full_url} redirects to {details[-1]}. Give the client the address of the platform itself.", 302
        )


class Connection:
    """The address of a platform and how it is spoken to. Nothing is kept open between requests."""

    def __init__(
        self, url: str, key: str | None, timeout: float, retries: int, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise UnreachableError(f"{url!r} is no address of a platform, such as http://127.0.0.1:8000.")
        self.url = url.rstrip("/").removesuffix(API)
        self.timeout = timeout
        self.retries = retries
        self._headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._sleep = sleep
        handlers: list[BaseHandler] = [_NoRedirects()]
        self._opener: OpenerDirector = build_opener(*handlers)

    def json(
        self, method: str, path: str, body: Body | None = None, *, again: bool | None = None, **query: Any
    ) -> Json:
        """Return the JSON of an answer, None of an empty one. `again`: see `open`."""
        return self.answer(method, path, body, again=again, **query)[0]

    def answer(
        self, method: str, path: str, body: Body | None = None, *, again: bool | None = None, **query: Any
    ) -> tuple[Json, Message]:
        """Return the JSON of an answer and its headers."""
        with closing(self.open(method, path, body, again=again, **query)) as response:
            data = self._whole(response)
            try:
                return (json.loads(data) if data else None), response.headers
            except ValueError:
                text = f"What answers at {self.url} is no platform. Check the address."
                raise UnreachableError(text, response.status) from None

    def open(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        again: bool | None = None,
        **query: Any,
    ) -> HTTPResponse:
        """Send a request and return the answer, to be read and closed. Raises ApiError.

        While the platform is busy (503, 507) it is asked again after the time that it names, and where the line breaks
        after a little while; `again` says whether that does no harm, None: for what only reads. What was refused
        because others were served first (BusyError of the platform) was not begun, and is always sent again.
        """
        harmless = method == "GET" if again is None else again
        for left in reversed(range(self.retries + 1)):
            try:
                return self._send(method, path, body, headers or {}, query)
            except BusyError as error:
                if not left or not (harmless or error.error == "BusyError"):
                    raise
                self._sleep(min(LONGEST_WAIT_S, error.retry_after or 1.0))
            except UnreachableError as error:
                if not left or not harmless or error.status:
                    raise
                self._sleep(min(10.0, 0.5 * 2 ** (self.retries - left)))
        raise AssertionError  # the last try returns or raises

    def save(self, path: str, into: Path, **query: Any) -> Path:
        """Write an answer to a file, whole or not at all. Raises ApiError."""
        part = into.with_name(f".{uuid4().hex}.part")
        try:
            with closing(self.open("GET", path, **query)) as answer, part.open("xb") as file:
                length = answer.headers.get("Content-Length")
                size = 0
                while piece := self._piece(answer):
                    size += file.write(piece)
            if length is not None and size != int(length):
                raise UnreachableError(f"{self.url} broke off after {size:,} of {int(length):,} bytes. Try again.")
            part.replace(into)
        finally:
            part.unlink(missing_ok=True)
        return into

    def target(self, path: str, query: Mapping[str, Any]) -> str:
        """Return the full address of a path below the API, or of one that a `Link` or `Location` names."""
        if not path.startswith(f"{API}/"):
            path = API + quote(path, safe="/%")
        asked = {
            name: [_text(one) for one in value] if isinstance(value, list) else _text(value)
            for name, value in query.items()
            if value is not None
        }
        return urljoin(self.url + "/", self.url + path) + ("?" + urlencode(asked, doseq=True) if asked else "")

    def _send(
        self,
        method: str,
        path: str,
        body: Body | None,
        headers: Mapping[str, str],
        query: Mapping[str, Any],
    ) -> HTTPResponse:
        url = self.target(path, query)
        data = None if body is None else body.chunks()
        sent = dict(self._headers) | dict(headers)
        if body is not None:
            sent |= {"Content-Type": body.content_type, "Content-Length": str(body.size)}
        request = Request(url, data, sent, method=method)  # noqa: S310 - http and https alone, see __init__
        try:
            response: HTTPResponse = self._opener.open(request, timeout=self.timeout)
        except HTTPError as error:
            with closing(error):
                raise self._refusal(error) from None
        except (URLError, HTTPException, OSError) as error:
            raise self._unreachable(error) from error
        return response

    def _refusal(self, answer: HTTPError) -> ApiError:
        try:
            said = json.loads(answer.read(1 << 20))
            error = error_of(answer.code, str(said["error"]), str(said["detail"]))
        except (ValueError, KeyError, TypeError, OSError, HTTPException):
            return error_of(
                answer.code, "", f"{self.url} answers {answer.code}, not as a platform does. Check the address."
            )
        if isinstance(error, BusyError):
            error.retry_after = _seconds(answer.headers.get("Retry-After"))
        return error

    def _piece(self, response: HTTPResponse) -> bytes:
        try:
            return response.read(_CHUNK)
        except (HTTPException, OSError) as error:
            raise self._unreachable(error) from error

    def _whole(self, response: HTTPResponse) -> bytes:
        try:
            return response.read()
        except (HTTPException, OSError) as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> UnreachableError:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, TimeoutError | socket.timeout):
            return UnreachableError(f"{self.url} does not answer within {self.timeout:g} s. Try again, or allow more.")
        return UnreachableError(f"{self.url} cannot be reached ({reason}). Is the platform running there?")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.strip().isdigit() else None
