"""A server that trickles: every connection must carry a little, or it is given up, in headers as in bodies.

The timeouts of HTTP clients are for each step, so that a byte a minute holds them for ever.
"""

import ssl
import time
from collections.abc import Iterable
from typing import Any, Final

import httpcore2
import httpx2

SLOWEST: Final = 1024
"""Bytes a second, on average, below which a connection is given up once its patience is used up."""


class Patience:
    """How long one request may take: `seconds`, and a second more for each SLOWEST bytes that went either way."""

    def __init__(self) -> None:
        self.start(60)

    def start(self, seconds: float) -> None:
        """Begin anew, for the next request."""
        self._since = time.monotonic()
        self._seconds = seconds
        self._moved = 0

    def left(self, step: float | None, too_late: type[Exception]) -> float:
        """Return how many seconds the next step may take; raises `too_late` where none is left."""
        left = self._since + self._seconds + self._moved / SLOWEST - time.monotonic()
        if left <= 0:
            raise too_late("the server is too slow")
        return left if step is None else min(step, left)

    def moved(self, n: int) -> None:
        """Note `n` bytes that went either way."""
        self._moved += n


class PatientTransport(httpx2.HTTPTransport):
    """httpx's transport whose connections ask a `Patience` before each step."""

    def __init__(self, patience: Patience, verify: ssl.SSLContext, proxy: str) -> None:
        super().__init__(verify=verify, trust_env=False, proxy=proxy or None)
        self._pool._network_backend = _Backend(self._pool._network_backend, patience)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, inner: httpcore2.NetworkBackend, patience: Patience) -> None:
        self._inner, self._patience = inner, patience

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        left = self._patience.left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._inner.connect_tcp(host, port, left, local_address, socket_options), self._patience)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream, patience: Patience) -> None:
        self._inner, self._patience = inner, patience

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._patience.left(timeout, httpcore2.ReadTimeout))
        self._patience.moved(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._patience.left(timeout, httpcore2.WriteTimeout))
        self._patience.moved(len(buffer))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = self._patience.left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._patience)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
