"""Nextcloud's chunked upload, version 2, against a server that holds to its rules to the letter.

https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/chunking.html
"""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from backend.exchange import upload
from backend.exchange.errors import ExchangeError, LockedError, NoRoomError
from backend.exchange.webdav import Folder
from tests.exchange.liar import Asked, Liar, answer, liar, listing

FILES = "/nc/remote.php/dav/files/anna/"
UPLOADS = "/nc/remote.php/dav/uploads/anna/"
CHUNK = 1000


class Nextcloud:
    """Collects chunks in a folder of the user and puts them together at the MOVE of `.file`; refuses all else."""

    def __init__(self, fault: Callable[[Asked], bytes | None] = lambda _: None) -> None:
        self.files: dict[str, bytes] = {}
        self.folders: dict[str, dict[str, bytes]] = {}
        self.fault = fault
        self.free = 10**9

    def __call__(self, asked: Asked) -> bytes:
        wrong = self.fault(asked)
        if wrong is not None:
            return wrong
        path = urlsplit(asked.path).path
        if path.startswith(UPLOADS):
            return self.upload(asked, path.removeprefix(UPLOADS).strip("/").split("/"))
        name = unquote(path.removeprefix(FILES))
        if asked.method == "PROPFIND":
            if b"quota" in asked.body:
                room = f"<d:quota-available-bytes>{self.free}</d:quota-available-bytes></d:prop>".encode()
                return answer(207, listing().split(b"\r\n\r\n")[1].replace(b"</d:prop>", room))
            if name not in self.files:
                return answer(404)
            return _file(path, len(self.files[name]))
        assert asked.method == "PUT"
        self.files[name] = asked.body
        return answer(201)

    def upload(self, asked: Asked, names: list[str]) -> bytes:
        assert "if-match" not in asked.headers
        assert "if-none-match" not in asked.headers
        if asked.method == "DELETE":
            self.folders.pop(names[0])
            return answer(204)
        destination = urlsplit(asked.headers["destination"])
        assert destination.path.startswith(FILES)
        if asked.method == "MKCOL":
            self.folders[names[0]] = {}
            return answer(201)
        if asked.method == "PUT":
            assert re.fullmatch(r"\d{1,5}", names[1])
            assert 1 <= int(names[1]) <= 10_000
            self.folders[names[0]][names[1]] = asked.body
            return answer(201)
        assert asked.method == "MOVE"
        assert names[1] == ".file"
        parts = self.folders.pop(names[0])
        whole = b"".join(parts[name] for name in sorted(parts))
        if len(whole) != int(asked.headers["oc-total-length"]):
            return answer(400)
        self.files[unquote(destination.path.removeprefix(FILES))] = whole
        return answer(201)


def _file(path: str, size: int) -> bytes:
    xml = (
        f'<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:response><d:href>{path}</d:href><d:propstat><d:prop>'
        f"<d:resourcetype/><d:getcontentlength>{size}</d:getcontentlength></d:prop><d:status>HTTP/1.1 200 OK</d:status>"
        "</d:propstat></d:response></d:multistatus>"
    )
    return answer(207, xml.encode())


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "CHUNK", CHUNK)
    monkeypatch.setattr("backend.exchange.webdav.CHUNK", CHUNK)


def folder_of(server: Liar) -> Folder:
    url = f"http://localhost:{server.port}{FILES}"
    return Folder(url, "anna", "secret", attempts=3, first_pause=0.01)


@pytest.mark.parametrize("size", [CHUNK + 1, 2 * CHUNK, 12 * CHUNK + 17])
def test_a_large_file_goes_in_chunks_and_is_whole(tmp_path: Path, size: int) -> None:
    (tmp_path / "x").write_bytes(content := bytes(n % 251 for n in range(size)))
    cloud, told = Nextcloud(), []
    with liar(cloud) as server, folder_of(server) as folder:
        folder.upload("ä #1.zip", tmp_path / "x", lambda *both: told.append(both))
    assert cloud.files == {"ä #1.zip": content}
    assert cloud.folders == {}
    assert told[-1] == (size, size)
    assert told == sorted(told)
    assert sum(asked.method == "PUT" for asked in server.asked) == -(-size // CHUNK)


def test_a_small_file_goes_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x" * CHUNK)
    cloud = Nextcloud()
    with liar(cloud) as server, folder_of(server) as folder:
        folder.upload("x.zip", tmp_path / "x")
    assert [asked.method for asked in server.asked] == ["PUT", "PROPFIND"]


def test_only_the_chunk_that_broke_is_sent_again(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(content := bytes(n % 251 for n in range(5 * CHUNK)))
    broken: list[str] = []

    def fault(asked: Asked) -> bytes | None:
        if asked.method == "PUT" and asked.path.endswith("3") and not broken:
            broken.append(asked.path)
            return b""
        return None

    cloud = Nextcloud(fault)
    with liar(cloud) as server, folder_of(server) as folder:
        folder.upload("x.zip", tmp_path / "x")
    assert broken
    assert cloud.files == {"x.zip": content}
    assert sum(asked.method == "PUT" for asked in server.asked) == 6


@pytest.mark.parametrize(("status", "kind"), [(507, NoRoomError), (423, LockedError)])
def test_an_upload_that_fails_leaves_no_chunks_and_no_file(
    tmp_path: Path, status: int, kind: type[ExchangeError]
) -> None:
    (tmp_path / "x").write_bytes(b"x" * 5 * CHUNK)
    cloud = Nextcloud(lambda asked: answer(status) if asked.method == "MOVE" else None)
    with liar(cloud) as server, folder_of(server) as folder, pytest.raises(kind):
        folder.upload("x.zip", tmp_path / "x")
    assert (cloud.files, cloud.folders) == ({}, {})


def test_nothing_is_sent_where_there_is_too_little_room(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x" * 5 * CHUNK)
    cloud = Nextcloud()
    cloud.free = 4 * CHUNK
    with liar(cloud) as server, folder_of(server) as folder, pytest.raises(NoRoomError, match="left"):
        folder.upload("x.zip", tmp_path / "x")
    assert [asked.method for asked in server.asked] == ["PROPFIND"]


@pytest.mark.parametrize(("url", "uploads"), [
    ("https://x/remote.php/dav/files/anna/Models/", "https://x/remote.php/dav/uploads/anna/"),
    ("https://x:8/nc/remote.php/dav/files/a%40b/", "https://x:8/nc/remote.php/dav/uploads/a%40b/"),
    ("https://x/remote.php/webdav/", None), ("https://x/public.php/webdav/", None), ("https://x/dav/", None),
    ("https://x/remote.php/dav/files/", None),
])  # fmt: skip
def test_only_a_users_folder_of_a_nextcloud_takes_chunks(url: str, uploads: str | None) -> None:
    found = upload.nextcloud_at(url)
    assert (found.uploads if found else None) == uploads
