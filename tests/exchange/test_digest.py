"""Servers that know no other way to log in than Digest (RFC 7616)."""

from functools import partial
from pathlib import Path

import pytest

from backend.exchange.errors import AccessRefusedError
from tests.exchange.webdav_servers import Server, wsgidav


def test_a_server_that_wants_digest_is_logged_in_to(tmp_path: Path) -> None:
    server = Server("digest", tmp_path, partial(wsgidav, digest=True))
    server.start()
    try:
        source = tmp_path / "source"
        source.write_bytes(b"x" * 3_000_000)
        with server.client() as folder:
            folder.upload("x.bin", source)
            assert folder.read_range("x.bin", 0, 3) == b"xxx"
            folder.move("x.bin", "y.bin")
            assert [entry.name for entry in folder.list()] == ["y.bin"]
        with server.client() as folder:
            folder.write("z", b"1")
        with server.client(password="wrong") as folder, pytest.raises(AccessRefusedError, match="user name"):
            folder.list()
    finally:
        server.kill()
