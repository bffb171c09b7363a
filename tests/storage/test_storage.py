"""What a store of blobs promises, held by a folder and by an S3 server alike."""

import hashlib
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace as changed
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.errors import DamagedError, NotFoundError
from backend.settings import Settings
from backend.storage import Storage, copies, storage_of
from backend.storage.remote import RemoteStorage
from tests.installation import installation
from tests.stores import blobs_of, raw, replace, settings_of

ABSENT = hashlib.sha256(b"never stored").hexdigest()


@pytest.fixture(params=["folder", "s3"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    values: dict[str, str] = {}
    if request.param == "s3":
        values = settings_of(request.getfixturevalue("s3_address"), tmp_path.name)
    with installation(tmp_path / "data", **values) as found:
        yield found


@pytest.fixture
def store(where: Settings) -> Storage:
    return storage_of(where)


@given(data=st.binary(max_size=5000))
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_stored_comes_back_under_its_hash(store: Storage, data: bytes) -> None:
    key = store.put(data)
    assert key == hashlib.sha256(data).hexdigest() == store.put(data, key)
    assert store.get(key) == data == store.checked_path(key).read_bytes()
    assert store.size(key) == len(data)
    store.check(key)


def test_what_is_not_there_is_said_to_be_missing(store: Storage) -> None:
    for ask in (store.get, store.size, store.check, store.checked_path):
        with pytest.raises(NotFoundError, match="Import the file again"):
            ask(ABSENT)
    store.delete(ABSENT)  # as good as gone
    for wrong in ("", "../../etc/passwd", ABSENT.upper(), ABSENT + "0"):
        with pytest.raises(ValueError, match="64"):
            store.get(wrong)


@pytest.mark.parametrize("damage", [b"", b"cut", b"other bytes of that size"])
def test_damaged_bytes_are_never_handed_out_and_storing_again_mends_them(store: Storage, damage: bytes) -> None:
    key = store.put(b"bytes as they were before")
    replace(store, key, damage)
    for ask in (store.get, store.check, store.checked_path):
        with pytest.raises(DamagedError, match="Import the file again"):
            ask(key)
    store.put(b"bytes as they were before")
    assert store.get(key) == b"bytes as they were before"


def test_all_that_lies_there_is_listed_until_it_is_deleted(store: Storage) -> None:
    keys = {store.put(bytes([number])) for number in range(8)}
    found = list(store.entries())
    assert {entry.key for entry in found} == keys
    for entry in found:
        assert hashlib.sha256(raw(store, entry.name)).hexdigest() == entry.key
    for key in keys:
        store.checked_path(key)
        store.delete(key)
    assert blobs_of(store) == {}


def test_many_may_store_and_fetch_the_same_at_once(store: Storage) -> None:
    data = [os.urandom(2000) for _ in range(5)]
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(store.put, data * 3))
        assert list(pool.map(store.get, keys)) == data * 3
    assert len(blobs_of(store)) == 5


def test_another_process_goes_on_with_a_store_it_is_handed(store: Storage) -> None:
    key = store.put(b"from the parent")
    code = "import pickle, sys; s, k = pickle.loads(sys.stdin.buffer.read()); print(s.get(k).decode(), s.put(b'child'))"
    child = subprocess.run([sys.executable, "-c", code], input=pickle.dumps((store, key)), capture_output=True)
    assert child.stdout.decode().split() == ["from", "the", "parent", hashlib.sha256(b"child").hexdigest()]
    forked = os.fork()
    if not forked:  # as celery makes its processes
        signal.alarm(60)  # connections of the parent would never answer
        os._exit(0 if store.get(key) == b"from the parent" else 1)
    assert os.waitpid(forked, 0)[1] == 0


def test_a_store_shows_neither_its_secret_nor_its_key(store: Storage) -> None:
    assert "of-the-tests" not in repr(store)


def test_copies_on_this_machine_are_bounded_and_those_in_use_stay(
    tmp_path: Path, s3_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with installation(tmp_path / "data", **settings_of(s3_address, tmp_path.name)) as here:
        store = storage_of(here)
    assert isinstance(store, RemoteStorage)
    store = changed(store, copies=copies.Copies(tmp_path / "copies", max_bytes=2500))
    keys = [store.put(os.urandom(1000)) for _ in range(5)]

    def lying() -> set[str]:
        return {path.parent.name + path.name for path in (tmp_path / "copies").rglob("*") if path.is_file()}

    def age(key: str, seconds: float) -> None:
        path = tmp_path / "copies" / key[:2] / key[2:]
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - seconds))

    for key in keys[:4]:
        store.checked_path(key)
    assert lying() == set(keys[:4])  # more than there is room for, but each may be read just now
    age(keys[0], copies.IN_USE_S + 20)
    age(keys[2], copies.IN_USE_S + 10)
    store.checked_path(keys[4])
    assert lying() == {keys[1], keys[3], keys[4]}
    age(keys[1], copies.KEPT_S + 10)
    store.checked_path(keys[4])
    assert keys[1] not in lying()
    replace(store, keys[3], None)  # deleted by a platform on another machine
    with pytest.raises(NotFoundError):
        store.checked_path(keys[3])
    store.delete(keys[4])
    assert lying() == set()


def test_signals_and_originals_leave_no_copies(tmp_path: Path, s3_address: str) -> None:
    with installation(tmp_path / "data", **settings_of(s3_address, tmp_path.name)) as here:
        store = storage_of(here)
    key = store.put(b"samples")
    store.get(key)
    store.check(key)
    assert not (tmp_path / "data" / "copies").exists()
