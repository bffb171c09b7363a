"""WebDAV servers that are started once a file of tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.exchange.webdav_servers import SERVERS, Server, server


@contextmanager
def running(name: str) -> Iterator[Server]:
    """Run a server of files that are not below pytest's folder: each start of pytest closes that to other users."""
    with TemporaryDirectory(prefix="exchange-") as folder:
        one = server(name, Path(folder) / name)
        one.start()
        try:
            yield one
        finally:
            one.kill()


@pytest.fixture(scope="module", params=SERVERS)
def dav(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Each of the servers in turn."""
    with running(request.param) as one:
        yield one


@pytest.fixture(scope="module")
def wsgidav() -> Iterator[Server]:
    """The one that is always there."""
    with running("wsgidav") as one:
        yield one
