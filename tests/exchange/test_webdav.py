"""What a folder on a WebDAV server can do, on every real server."""

import itertools
from pathlib import Path

import pytest

from backend.exchange.errors import (
    AbsentError,
    AccessRefusedError,
    AddressError,
    LockedError,
    ServerAnswerError,
    TakenError,
)
from tests.exchange.webdav_servers import Server

NASTY = [
    "a#b", "what?.txt", "100%.txt", "a%20b.txt", "a%2Fb", "plus+plus", "Übung ß.txt", "with  two spaces", "q'uote(1)~!",
    "semi;colon&amp;", '"quoted"', "<tag>", "a:b", "[x]{y}|^`", "日本.txt", "a@b=c,d", ".hidden", "e\u0301", "é", "$1",
]  # fmt: skip
_fresh = (f"space {number}" for number in itertools.count())


@pytest.mark.parametrize("name", NASTY)
def test_any_name_goes_there_and_back(dav: Server, name: str) -> None:
    with dav.subfolder(f"nasty {NASTY.index(name)}") as folder:
        folder.write(name, name.encode())
        assert folder.read(name, 1000)[0] == name.encode()
        found = folder.find(name)
        assert found is not None
        assert (found.name, found.size, found.is_folder) == (name, len(name.encode()), False)
        place = f"nasty {NASTY.index(name)}"
        assert {path.name: path.read_bytes() for path in dav.on_disk(place).values()} == {name: name.encode()}
        if not (dav.name == "nginx" and name.startswith(".")):  # nginx lists no hidden files
            assert [entry.name for entry in folder.list()] == [name]
        if dav.name == "wsgidav" and set(name) & {"?", ";"}:  # it cuts where something is moved to at these signs
            with pytest.raises(ServerAnswerError, match="somewhere else"):
                folder.move(name, f"moved {name}")
            return
        folder.make_folder(f"{name}+/inside")
        folder.move(name, f"{name}+/inside/{name}")
        folder.move(f"{name}+", f"moved {name}")
        assert folder.read(f"moved {name}/inside/{name}", 1000)[0] == name.encode()
        folder.delete(f"moved {name}")
        assert not dav.on_disk(place)


@pytest.mark.parametrize("path", ["..", "../x", "a/../b", "/x", "a//b", "a/", ".", "a\0b", "a\nb", "a\\b", "x" * 256])
def test_a_path_that_leads_out_of_the_folder_is_refused_before_any_request(path: str) -> None:
    from backend.exchange.webdav import Folder

    with Folder("http://localhost:1/", attempts=1) as folder:
        for ask in (folder.list, folder.delete, lambda p: folder.read(p, 1), lambda p: folder.write(p, b"")):
            with pytest.raises(AddressError):
                ask(path)


def test_a_listing_tells_what_is_there_and_nothing_deeper(dav: Server) -> None:
    with dav.subfolder(next(_fresh)) as folder:
        assert folder.list() == []
        folder.make_folder("models/deep/er")
        folder.write("b.bin", b"12345")
        folder.write("models/c.bin", b"1")
        folder_entry, file_entry = sorted(folder.list(), key=lambda entry: entry.name == "b.bin")
        assert (folder_entry.name, folder_entry.is_folder, folder_entry.size) == ("models", True, None)
        assert (file_entry.name, file_entry.is_folder, file_entry.size) == ("b.bin", False, 5)
        assert file_entry.modified is not None
        assert {entry.name for entry in folder.list("models")} == {"deep", "c.bin"}
        with pytest.raises(AbsentError):
            folder.list("nothing")
        assert folder.find("nothing") is None


def test_a_folder_is_made_once_and_may_be_there_already(dav: Server) -> None:
    with dav.subfolder(next(_fresh)) as folder:
        folder.make_folder("a/b/c")
        folder.make_folder("a/b")
        folder.make_folder("a/b/d")
        assert [entry.name for entry in folder.list("a/b")] == ["c", "d"]


def test_a_move_never_puts_one_thing_in_the_place_of_another(dav: Server) -> None:
    with dav.subfolder(next(_fresh)) as folder:
        for name in ("one", "two"):
            folder.make_folder(name)
            folder.write(f"{name}/x", name.encode())
        with pytest.raises(TakenError):
            folder.move("one", "two")
        assert folder.read("one/x", 9)[0] == b"one"
        assert folder.read("two/x", 9)[0] == b"two"
        assert [entry.name for entry in folder.list("two")] == ["x"]
        folder.move("one", "three")
        assert folder.find("one") is None
        with pytest.raises(AbsentError):
            folder.move("one", "four")


def test_what_is_deleted_is_gone_and_may_be_gone_before(dav: Server) -> None:
    with dav.subfolder(next(_fresh)) as folder:
        folder.make_folder("a/b")
        folder.write("a/b/x", b"1")
        folder.delete("a")
        folder.delete("a")
        assert folder.list() == []


def test_parts_of_a_file_are_read_without_the_rest(dav: Server) -> None:
    with dav.subfolder(next(_fresh)) as folder:
        folder.write("x", bytes(range(200)))
        assert folder.read_range("x", 3, 6) == b"\3\4\5"
        assert folder.read_range("x", 0, 2) == b"\0\1"
        assert folder.read_range("x", 198, 400) == b"\xc6\xc7"
        assert folder.read_range("x", 200, 300) == b""
        assert folder.read_range("x", 5, 5) == b""


def test_writes_that_must_not_overwrite_do_not(dav: Server) -> None:
    keeping = {"wsgidav": True, "apache": True, "rclone": False, "nginx": False, "sabre": True}
    with dav.subfolder(next(_fresh)) as folder:
        assert folder.keeps_conditions() is keeping[dav.name]
        assert folder.list() == []
        if folder.keeps_conditions():
            folder.write("x", b"1", only_if_new=True)
            with pytest.raises(TakenError):
                folder.write("x", b"2", only_if_new=True)
            with pytest.raises(TakenError):
                folder.write("x", b"3", only_if_etag='"another"')
            assert folder.read("x", 9)[0] == b"1"
            folder.pause(0, at_least=1.1)  # until Apache's ETag is a strong one
            folder.write("x", b"4", only_if_etag=folder.read("x", 9)[1])
            assert folder.read("x", 9)[0] == b"4"


def test_what_is_locked_is_written_with_the_lock_alone(dav: Server) -> None:
    with dav.subfolder(next(_fresh)) as folder, dav.client(f"{folder._url.split('/')[-2]}/", attempts=1) as other:
        with folder.locked("x") as token:
            assert token
            with pytest.raises(LockedError):
                other.write("x", b"theirs")
            with pytest.raises(LockedError), other.locked("x"):
                pass
            folder.write("x", b"ours", lock=token)
        assert other.read("x", 9)[0] == b"ours"
        other.write("x", b"theirs")
        assert other.read("x", 9)[0] == b"theirs"


def test_a_wrong_password_is_told_from_none(dav: Server) -> None:
    with dav.client(password="wrong") as folder, pytest.raises(AccessRefusedError, match="app password"):
        folder.list()
    with dav.client(user="", password="") as folder, pytest.raises(AccessRefusedError, match="asks for a user name"):
        folder.list()


def test_one_can_try_whether_a_folder_may_be_written_to(dav: Server) -> None:
    with dav.subfolder(next(_fresh)) as folder:
        folder.check_writable()
        assert folder.list() == []


def test_the_room_is_told_where_the_server_tells_it(dav: Server) -> None:
    with dav.client() as folder:
        room = folder.quota()
    assert (room is not None) == (dav.name in ("wsgidav", "sabre"))
    if room is not None:
        assert room.free is not None
        assert room.free > 0


def test_a_hundred_megabytes_go_there_and_back_with_progress(dav: Server, tmp_path: Path) -> None:
    size = 100_000_003
    source, back = tmp_path / "source", tmp_path / "back"
    with source.open("wb") as file:  # a hole: no time is spent on making it
        file.write(b"begin")
        file.truncate(size - 3)
        file.seek(size - 3)
        file.write(b"end")
    up: list[tuple[int, int]] = []
    down: list[tuple[int, int]] = []
    with dav.subfolder(next(_fresh)) as folder:
        folder.upload("large #1.bin", source, lambda done, total: up.append((done, total)))
        folder.download("large #1.bin", back, size=size, progress=lambda done, total: down.append((done, total)))
        folder.delete("large #1.bin")
    for told in (up, down):
        assert told[-1] == (size, size)
        assert [done for done, _ in told] == sorted(done for done, _ in told)
        assert len(told) > 100
    assert back.stat().st_size == size
    with back.open("rb") as file, source.open("rb") as other:
        while chunk := file.read(1 << 22):
            assert chunk == other.read(1 << 22)
    assert [path.name for path in tmp_path.iterdir() if ".part" in path.name] == []
