"""The index is a copy that may be lost, damaged or overwritten: what is published is listed all the same."""

import json
import os
import threading
import time
from pathlib import Path

import pytest

from backend.exchange import index_file
from backend.exchange.errors import ListingError
from backend.exchange.index import Row, add_rows, read_catalogue, rebuild
from backend.exchange.publish import publish
from backend.exchange.signing import SigningKey
from tests.exchange.packages import MOST, a_package
from tests.exchange.test_listing import a_listing
from tests.exchange.webdav_servers import Server

KEY = SigningKey.new()


def row(slug: str, version: int = 1) -> Row:
    return Row(listing=a_listing(slug=slug, version=version), fingerprint="ab")


def three(server: Server, name: str, folder: Path) -> None:
    with server.subfolder(name) as exchange:
        for slug in ("one", "one", "two"):
            package = a_package(folder, use=f"As {len(exchange.list())} and {slug}, {time.monotonic()}.")
            publish(exchange, package, KEY, publisher="W", slug=slug, most=MOST)


ALL = [("one", 1), ("one", 2), ("two", 1)]


@pytest.mark.parametrize("damage", [None, b"", b"{", b'{"format": "other"}', b"\xff" * 1000])
def test_a_lost_or_damaged_index_hides_nothing_and_is_made_anew(
    wsgidav: Server, tmp_path: Path, damage: bytes | None
) -> None:
    name = f"damaged {hash(damage)}"
    three(wsgidav, name, tmp_path)
    index = wsgidav.root / name / "index.json"
    whole = index.read_bytes()
    index.unlink() if damage is None else index.write_bytes(damage)
    with wsgidav.client(f"{name}/") as folder:
        catalogue = read_catalogue(folder)
        assert [one.key for one in catalogue.rows] == ALL
        assert bool(catalogue.notes) == bool(damage)
        assert [one.key for one in rebuild(folder).rows] == ALL
        assert read_catalogue(folder).notes == ()
    assert json.loads(index.read_bytes()) == json.loads(whole)


def test_what_somebody_has_overwritten_in_the_index_is_listed_and_comes_back(wsgidav: Server, tmp_path: Path) -> None:
    three(wsgidav, "overwritten", tmp_path)
    index = wsgidav.root / "overwritten" / "index.json"
    told = json.loads(index.read_bytes())
    told["rows"] = [one for one in told["rows"] if one["listing"]["version"] == 1]
    index.write_bytes(json.dumps(told).encode())
    with wsgidav.client("overwritten/") as folder:
        assert [one.key for one in read_catalogue(folder).rows] == ALL
        publish(folder, a_package(tmp_path), KEY, publisher="W", slug="three", most=MOST)
    assert len(json.loads(index.read_bytes())["rows"]) == 4


def test_a_version_whose_folder_is_gone_is_not_listed(wsgidav: Server, tmp_path: Path) -> None:
    three(wsgidav, "gone", tmp_path)
    with wsgidav.client("gone/") as folder:
        folder.delete("models/one/1")
        folder.delete("models/two")
        assert [one.key for one in read_catalogue(folder).rows] == [("one", 2)]


def test_models_that_have_not_changed_are_taken_from_the_index_alone(
    wsgidav: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    three(wsgidav, "unchanged", tmp_path)
    old = time.time() - 7200
    for slug in ("one", "two"):
        os.utime(wsgidav.root / "unchanged" / "models" / slug, (old, old))
    with wsgidav.client("unchanged/") as folder:
        asked: list[str] = []
        ask = folder._connection.ask
        monkeypatch.setattr(folder._connection, "ask", lambda *a, **k: asked.append(a[1]) or ask(*a, **k))
        assert [one.key for one in read_catalogue(folder).rows] == ALL
        assert len(asked) == 3, asked


def test_rows_of_all_that_write_at_once_are_in_the_index(dav: Server) -> None:
    slugs = [f"model-{number}" for number in range(6)]
    with dav.subfolder("rows at once") as top:
        for slug in slugs:
            top.make_folder(f"models/{slug}/1")
    wrong: list[BaseException] = []
    barrier = threading.Barrier(len(slugs))

    def one(slug: str) -> None:
        try:
            with dav.client("rows at once/", attempts=8) as folder:
                barrier.wait()
                notes = add_rows(folder, [row(slug)])
            assert not any("could not be changed" in note for note in notes)
        except BaseException as problem:  # noqa: BLE001  # told below
            wrong.append(problem)

    threads = [threading.Thread(target=one, args=(slug,)) for slug in slugs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    told = json.loads((dav.root / "rows at once" / "index.json").read_bytes())
    assert {one["listing"]["slug"] for one in told["rows"]} == set(slugs)


def test_without_conditions_and_locks_what_is_lost_is_written_again(
    wsgidav: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with wsgidav.subfolder("neither") as folder:
        folder.make_folder("models/mine/1")
        folder.make_folder("models/theirs/1")
        folder._keeps_conditions = False
        monkeypatch.setattr("backend.exchange.lock._UNKNOWN", (*range(200, 600),))
        monkeypatch.setattr("backend.exchange.lock._LOCK", b"")
        real = index_file._write_once
        overwritten = [index_file.written({("theirs", 1): row("theirs").to_dict()})]

        def write_and_lose(*args: object) -> None:
            real(*args)  # type: ignore[arg-type]
            if overwritten:
                folder.write("index.json", overwritten.pop())

        monkeypatch.setattr(index_file, "_write_once", write_and_lose)
        assert add_rows(folder, [row("mine")]) == ()
    told = json.loads((wsgidav.root / "neither" / "index.json").read_bytes())
    assert [one["listing"]["slug"] for one in told["rows"]] == ["mine", "theirs"]


def test_an_index_of_a_newer_platform_is_not_overwritten(wsgidav: Server, tmp_path: Path) -> None:
    newer = json.dumps({"format": index_file.FORMAT, "schema_version": 2, "rows": [], "more": 1}).encode()
    with wsgidav.subfolder("newer") as folder:
        folder.write("index.json", newer)
        with pytest.raises(ListingError, match="newer"):
            add_rows(folder, [row("mine")])
        published = publish(folder, a_package(tmp_path), KEY, publisher="W", most=MOST)
        assert "newer" in published.notes[0]
        assert folder.read("index.json", 1000)[0] == newer
        assert [one.key for one in read_catalogue(folder).rows] == [(published.slug, 1)]
