"""A disk that is full, there and here: told in words, and nothing half is left where others look."""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.exchange.errors import ExchangeError, NoRoomError, ServerAnswerError, UnreachableError
from backend.exchange.index import read_catalogue
from backend.exchange.publish import publish
from backend.exchange.signing import SigningKey
from tests.exchange.conftest import running
from tests.exchange.packages import MOST, a_package
from tests.exchange.webdav_servers import SERVERS, Server

SIZE = 30_000_000


@pytest.fixture(params=SERVERS)
def full(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server whose files are on a disk of 8 MiB."""
    if os.getuid() != 0:
        pytest.skip("only root can mount a small disk")
    with running(request.param) as one:
        one.kill()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m,mode=777", "tmpfs", one.root], capture_output=True, text=True
        )
        if mounted.returncode:
            pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
        try:
            one.start()
            yield one
        finally:
            one.kill()
            subprocess.run(["umount", one.root], check=True)


def test_a_full_disk_of_the_exchange_is_told_and_no_version_is_there(full: Server, tmp_path: Path) -> None:
    package = a_package(tmp_path, padding=SIZE)
    with full.client(attempts=1) as folder:
        with pytest.raises(ExchangeError) as caught:
            publish(folder, package, SigningKey.new(), publisher="Ward 3", most=MOST)
        assert type(caught.value) in (NoRoomError, UnreachableError, ServerAnswerError)
        if full.name in ("wsgidav", "apache"):
            assert type(caught.value) is NoRoomError
        assert read_catalogue(folder).rows == ()
        assert [path.name for path in full.root.iterdir()] == []
        published = publish(folder, a_package(tmp_path), SigningKey.new(), publisher="Ward 3", most=MOST)
        assert [row.key for row in read_catalogue(folder).rows] == [(published.slug, 1)]


def test_a_full_disk_here_ends_the_download_and_is_no_model(wsgidav: Server, tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can mount a small disk")
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        (wsgidav.root / "large.bin").write_bytes(bytes(3_000_000))
        with wsgidav.client() as folder, pytest.raises(OSError, match="space") as caught:
            folder.download("large.bin", small / "x")
        assert caught.value.errno == errno.ENOSPC
        assert not (small / "x").exists()
    finally:
        subprocess.run(["umount", small], check=True)
