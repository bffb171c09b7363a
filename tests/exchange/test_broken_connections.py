"""A server that dies in the middle: the transfer goes on where it can, and half of a model is never seen."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.exchange.errors import UnreachableError
from backend.exchange.fetch import fetch
from backend.exchange.index import read_catalogue
from backend.exchange.layout import MAX_SMALL
from backend.exchange.publish import publish
from backend.exchange.signed import put
from backend.exchange.signing import SigningKey
from backend.exchange.trust import Trust
from tests.exchange.conftest import running
from tests.exchange.packages import MOST, a_package
from tests.exchange.webdav_servers import SERVERS, Server

SIZE = 20_000_000


@pytest.fixture(params=SERVERS)
def mortal(request: pytest.FixtureRequest) -> Iterator[Server]:
    with running(request.param) as one:
        yield one


def an_old_file(path: Path) -> bytes:
    """Apache takes what changed within the last minute for a file that may change again, and gives no parts of it."""
    content = bytes(range(256)) * (SIZE // 256)
    path.write_bytes(content)
    os.utime(path, (time.time() - 1000,) * 2)
    return content


class Death:
    """Kills a server when so many bytes are done, and has it come back a little later, or never."""

    def __init__(self, server: Server, at: int, *, comes_back: bool = True) -> None:
        self.server, self.at, self.comes_back = server, at, comes_back
        self.deaths = 0
        self.told: list[int] = []

    def __call__(self, done: int, total: int) -> None:
        self.told.append(done)
        if done >= self.at and not self.deaths:
            self.deaths = 1
            self.server.kill()
            if self.comes_back:
                threading.Thread(target=self._come_back, daemon=True).start()

    def _come_back(self) -> None:
        time.sleep(0.3)
        self.server.start()
        while self.server.process is not None:  # a server dies with the thread that has started it
            time.sleep(0.05)


def test_a_download_goes_on_where_the_server_died(mortal: Server, tmp_path: Path) -> None:
    content = an_old_file(mortal.root / "x.bin")
    death = Death(mortal, SIZE // 3)
    with mortal.client(attempts=60) as folder:
        folder.download("x.bin", tmp_path / "x.bin", progress=death)
    assert death.deaths == 1
    assert (tmp_path / "x.bin").read_bytes() == content
    assert death.told == sorted(death.told), "it began from the beginning"


def test_a_download_that_was_given_up_is_continued_by_the_next(mortal: Server, tmp_path: Path) -> None:
    content = an_old_file(mortal.root / "x.bin")
    death = Death(mortal, SIZE // 3, comes_back=False)
    with mortal.client(attempts=2) as folder, pytest.raises(UnreachableError):
        folder.download("x.bin", tmp_path / "x.bin", progress=death)
    assert not (tmp_path / "x.bin").exists()
    mortal.start()
    told: list[int] = []
    with mortal.client() as folder:
        folder.download("x.bin", tmp_path / "x.bin", progress=lambda done, _: told.append(done))
    assert told[0] > SIZE // 3
    assert (tmp_path / "x.bin").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["x.bin"]


def test_a_file_that_has_changed_meanwhile_is_not_patched_together(mortal: Server, tmp_path: Path) -> None:
    (mortal.root / "x.bin").write_bytes(b"a" * SIZE)
    death = Death(mortal, SIZE // 3, comes_back=False)
    with mortal.client(attempts=1) as folder, pytest.raises(UnreachableError):
        folder.download("x.bin", tmp_path / "x.bin", progress=death)
    (mortal.root / "x.bin").write_bytes(b"b" * (SIZE + 1))
    mortal.start()
    with mortal.client() as folder:
        folder.download("x.bin", tmp_path / "x.bin")
    assert (tmp_path / "x.bin").read_bytes() == b"b" * (SIZE + 1)


def test_an_upload_that_broke_off_is_seen_by_nobody_and_then_done_again(mortal: Server, tmp_path: Path) -> None:
    package = a_package(tmp_path, padding=SIZE)
    key, death = SigningKey.new(), Death(mortal, SIZE // 3)
    seen: list[tuple[object, ...]] = []

    def progress(done: int, total: int) -> None:
        death(done, total)
        if death.deaths and mortal.process is not None and len(seen) < 2:
            with mortal.client() as other:
                seen.append(read_catalogue(other).rows)

    with mortal.client(attempts=60) as folder:
        published = publish(folder, package, key, publisher="Ward 3", most=MOST, progress=progress)
        assert death.deaths == 1
        assert not any(seen)
        fetched = fetch(folder, published.slug, 1, tmp_path / "quarantine", Trust(), most=MOST)
        assert fetched.path.read_bytes() == package.read_bytes()
        assert {entry.name for entry in folder.list()} == {"index.json", "models"}


def test_an_upload_whose_server_stays_away_leaves_no_version(mortal: Server, tmp_path: Path) -> None:
    package = a_package(tmp_path, padding=SIZE)
    death = Death(mortal, SIZE // 3, comes_back=False)
    with mortal.client(attempts=2) as folder, pytest.raises(UnreachableError):
        publish(folder, package, SigningKey.new(), publisher="Ward 3", most=MOST, progress=death)
    mortal.start()
    with mortal.client() as folder:
        assert read_catalogue(folder).rows == ()
        published = publish(folder, package, SigningKey.new(), publisher="Ward 3", most=MOST)
        assert published.version == 1
        assert [row.key for row in read_catalogue(folder).rows] == [(published.slug, 1)]


class CancelledError(Exception):
    """What a person who cancels makes a transfer raise."""


def test_who_cancels_while_the_server_is_away_is_told_of_that_and_of_nothing_else(tmp_path: Path) -> None:
    with running("wsgidav") as one:

        def cancel(_done: int, _total: int) -> None:
            one.kill()  # what was sent so far cannot be taken away any more
            raise CancelledError

        with one.client(attempts=1) as folder:
            folder.make_folder("rounds")
            with pytest.raises(CancelledError):
                put(folder, "rounds/1", {"delta": bytes(MAX_SMALL + 1)}, SigningKey.new(), progress=cancel)
        one.start()
        with one.client(attempts=1) as folder, pytest.raises(CancelledError):
            publish(folder, a_package(tmp_path), SigningKey.new(), publisher="Ward 3", most=MOST, progress=cancel)
