"""Requests to one server: credentials to that server alone, redirects within it, repeats with pauses, limits.

On httpx, because the request call of webdavclient3 reads bodies of errors without limit and turns a redirected
PROPFIND into a GET (docs/decisions/0038).
"""

import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import SplitResult, urlsplit

import httpx2

from backend.exchange.errors import AddressError, CertificateError, ServerAnswerError
from backend.exchange.patience import Patience, PatientTransport
from backend.exchange.words import refusal, unreachable

Content = bytes | Callable[[], Iterator[bytes]]
Headers = Mapping[str, str]

ANSWER: Final = 1 << 20  # bytes of an answer that is only looked at
_UNDONE: Final = (423, 429)  # nothing was done, so that all may be asked again
_PASSING: Final = (*_UNDONE, 502, 503, 504)
_REDIRECTS: Final = 5
_LONGEST_PAUSE: Final = 30.0
_AGENT: Final = "ExChanGeAI"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; `headers` by lower-case names, `url` after redirects."""

    status: int
    headers: Headers
    url: str
    body: bytes = b""


class Connection:
    """Connections to the server of one URL; not for several threads at once."""

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        verify: Path | Literal[True],
        timeout: float,
        attempts: int,
        proxy: str,
        plain_http: bool,
        first_pause: float,
    ) -> None:
        parts = _checked(url)
        self.url = str(httpx2.URL(url)).rstrip("/") + "/"
        """The address as it is written in requests: ASCII, with a slash at its end."""
        self.host = parts.netloc
        self.timeout = timeout
        self._origin = _origin(url)
        if user and parts.scheme == "http" and not plain_http and not _is_this_machine(parts.hostname or ""):
            raise AddressError(
                f"The address of {self.host} begins with http://, so that the password would travel readable for all. "
                "Use https://."
            )
        self._auth: httpx2.Auth | None = httpx2.BasicAuth(user, password) if user else None
        self._digest = httpx2.DigestAuth(user, password) if user else None
        self._attempts = max(1, attempts)
        self._pause = first_pause
        self._patience = Patience()
        self._client = httpx2.Client(
            transport=PatientTransport(self._patience, _trusted(verify), proxy),
            timeout=timeout,
            trust_env=False,
            headers={"User-Agent": _AGENT, "Accept-Encoding": "identity", "Accept": "*/*"},
        )

    def __repr__(self) -> str:
        return f"Connection({self.host})"

    def close(self) -> None:
        """End all connections."""
        self._client.close()

    def ask(
        self,
        method: str,
        url: str,
        what: str,
        *,
        headers: Headers | None = None,
        content: Content | None = None,
        most: int = ANSWER,
        cut: bool = False,
        again: bool = True,
        accept: tuple[int, ...] = (),
        timeout: float | None = None,
    ) -> Answer:
        """Return a successful answer, or one with a status of `accept`, read to its end, or with `cut` to `most` bytes.

        With `again` a request that has found no answer is repeated: only where doing it twice does no harm.
        `what` names file or folder in words. Raises the errors of `words`, and ServerAnswerError for an answer of more
        than `most` bytes.
        """
        for left in range(self._attempts - 1, -1, -1):
            try:
                with self._open(method, url, headers, content, timeout) as response:
                    status = response.status_code
                    if status in _PASSING and status not in accept and left and (again or status in _UNDONE):
                        self._wait(left, response.headers.get("retry-after", ""))
                        continue
                    if not (200 <= status < 300 or status in accept):
                        raise refusal(status, method, what, self.host, with_user=self._auth is not None)
                    return _head(response, self._body(response, what, most, cut or status >= 300))
            except httpx2.TransportError as problem:
                if not left or not (again or isinstance(problem, httpx2.ConnectError | httpx2.ConnectTimeout)):
                    raise unreachable(problem, self.host) from problem
                error = unreachable(problem, self.host)
                if isinstance(error, CertificateError):
                    raise error from problem
                self._wait(left)
        raise AssertionError("each attempt returns or raises")

    @contextmanager
    def stream(self, url: str, what: str, headers: Headers) -> Iterator[tuple[Answer, Iterator[bytes]]]:
        """Yield the head of the answer to one GET and its bytes as they come; 200, 206 and 416 are left to the caller.

        Raises httpx2.TransportError where the connection fails: whoever reads knows how to go on.
        """
        with self._open("GET", url, headers, None, None) as response:
            if response.status_code not in (200, 206, 416):
                raise refusal(response.status_code, "GET", what, self.host, with_user=self._auth is not None)
            if response.headers.get("content-encoding", "identity") != "identity":
                raise ServerAnswerError(f"{self.host} sends {what} compressed although it was asked not to.")
            yield _head(response), response.iter_raw()  # as they come, so that those before a break are kept

    def pauses(self) -> Iterator[Callable[[], None]]:
        """Yield, for each further attempt, what waits before it."""
        for left in range(self._attempts - 1, 0, -1):
            yield lambda left=left: self._wait(left)  # type: ignore[misc]

    def pause(self, attempt: int, at_least: float = 0) -> None:
        """Wait before another attempt, the longer the more there were, and by chance not as long as others do."""
        pause = self._pause * 2 ** min(attempt, 4) * random.uniform(0.75, 1.25)  # noqa: S311
        time.sleep(min(max(pause, at_least), _LONGEST_PAUSE))

    def _wait(self, left: int, asked: str = "") -> None:
        self.pause(self._attempts - 1 - left, float(asked) if asked.isdecimal() and len(asked) < 6 else 0)

    @contextmanager
    def _open(
        self, method: str, url: str, headers: Headers | None, content: Content | None, timeout: float | None
    ) -> Iterator[httpx2.Response]:
        response = self._send(method, url, headers, content, timeout)
        try:
            yield response
        finally:
            response.close()

    def _send(
        self, method: str, url: str, headers: Headers | None, content: Content | None, timeout: float | None
    ) -> httpx2.Response:
        """Send a request, to where the server sends it within itself, with Digest where it knows no other way."""
        for _ in range(_REDIRECTS):
            seconds = timeout or self.timeout
            self._patience.start(2 * seconds)
            self._client.cookies.clear()
            body = content() if callable(content) else content
            request = self._client.build_request(method, url, headers=headers, content=body, timeout=seconds)
            response = self._client.send(request, auth=self._auth, stream=True, follow_redirects=False)
            challenges = response.headers.get("www-authenticate", "").lower()
            if response.status_code == 401 and self._auth is not self._digest and "digest" in challenges:
                response.close()
                self._auth = self._digest
                self._client.send(
                    self._client.build_request("OPTIONS", url), auth=self._auth
                ).close()  # learn the nonce
                continue
            if response.status_code not in (301, 302, 307, 308):
                return response
            response.close()
            url = self._followed(url, response.headers.get("location", ""))
        raise ServerAnswerError(f"{self.host} sends from one address to the next without end. Check the address.")

    def _followed(self, url: str, location: str) -> str:
        """Return where a redirect leads: only to the same server, or from its http to its https."""
        target = str(httpx2.URL(url).join(location)) if location else ""
        if _origin(target) == self._origin or _origin(target) == _secured(self._origin):
            return target
        parts = urlsplit(target)
        there = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else "nowhere"
        raise ServerAnswerError(
            f"{self.host} sends on to another server ({there[:200]}), to which nothing is sent from here. If the "
            "exchange has moved, enter its new address."
        )

    def _body(self, response: httpx2.Response, what: str, most: int, cut: bool) -> bytes:
        body = bytearray()
        for chunk in response.iter_raw(1 << 16):
            body += chunk
            if len(body) > most and not cut:
                raise ServerAnswerError(
                    f"What {self.host} answers for {what} is longer than {most / 2**20:,.3g} MiB, which is not read."
                )
            if len(body) >= most and cut:
                break
        return bytes(body[:most])


def _head(response: httpx2.Response, body: bytes = b"") -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, str(response.url), body)


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port, httpx2.URL(url)
    except (ValueError, httpx2.InvalidURL):
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AddressError(f"“{url:.80}” is no address of a WebDAV folder. It should begin with https://.")
    if parts.username is not None or parts.password is not None:
        raise AddressError("Enter user name and password beside the address of the exchange, not in it.")
    if parts.query or parts.fragment:
        raise AddressError(
            "The address of a WebDAV folder has no ? or #. Take the one that the server's settings show."
        )
    return parts


def _origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


def _secured(origin: tuple[str, str, int]) -> tuple[str, str, int]:
    scheme, host, port = origin
    return ("https", host, 443) if (scheme, port) == ("http", 80) else origin


def _is_this_machine(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _trusted(verify: Path | Literal[True]) -> ssl.SSLContext:
    if verify is True:
        return httpx2.create_ssl_context(trust_env=False)
    try:
        return ssl.create_default_context(cafile=str(verify))
    except (OSError, ssl.SSLError) as problem:
        raise CertificateError(
            "The file of certificates given for the exchange cannot be read. It should be a PEM file, which begins "
            "with -----BEGIN CERTIFICATE-----."
        ) from problem
