"""A store on another machine that fails: nothing is acknowledged that it does not have, and words say what is wrong."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import ValidationError

from backend.errors import NotFoundError, StoreUnavailableError
from backend.services.readiness import readiness
from backend.settings import Settings
from backend.storage import remote, storage_of
from tests.api_calls import Api, refusal
from tests.conftest import _served
from tests.installation import installation
from tests.samples import csv_file
from tests.servers import free_port
from tests.stores import SECRET, blobs_of, client, replace, s3_server, settings_of
from workers.lifecycle import obstacle_of


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "CONNECT_S", 0.5)
    monkeypatch.setattr(remote, "READ_S", 1.0)


@contextmanager
def _api(installed: Settings, application, **values: str) -> Iterator[Api]:
    with installation(installed.data_dir, **values):
        yield from _served(application)


def _files(api: Api) -> int:
    return len(api.recordings())


def test_a_store_that_is_killed_loses_no_upload_that_was_acknowledged(installed: Settings, application) -> None:
    port = free_port()
    with s3_server(port) as (address, process):
        values = settings_of(address, "killed")
        with _api(installed, application, **values) as api:
            assert api.upload({"a.csv": csv_file(1)})["imported"] == 1
            kept = blobs_of(storage_of(Settings(data_dir=installed.data_dir, **values)))
            process.send_signal(signal.SIGKILL)
            process.wait()
            form = {"rate": "100", "units_per_mv": "1000"}
            failed = api.client.post(api.url("/recordings"), files={"files": ("b.csv", csv_file(2))}, data=form)
            assert "does not answer" in refusal(failed, 503, "StoreUnavailableError")
            assert _files(api) == 1  # a row for each acknowledged file, and none for the other
            (row,) = api.recordings()
            shown = api.client.get(api.url(f"/recordings/{row['id']}/signal"))
            assert "does not answer" in refusal(shown, 503, "StoreUnavailableError")
            assert api.client.get("/health").status_code == 200
            assert api.client.get("/ready").json()["storage"] == {"ok": False, "detail": remote.NO_ANSWER}
            with s3_server(port):  # as it was before: a real store keeps what it has
                for key, data in kept.items():
                    replace(storage_of(Settings(data_dir=installed.data_dir, **values)), key, data)
                assert api.client.get(api.url(f"/recordings/{row['id']}/signal")).status_code == 200
                assert api.upload({"b.csv": csv_file(2)})["imported"] == 1
                assert api.client.get("/ready").json()["storage"]["ok"]


@contextmanager
def _mute() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        for one in held:
            one.close()


@pytest.mark.usefixtures("soon")
def test_a_store_that_says_nothing_is_given_up_after_a_while(installed: Settings, application) -> None:
    with _mute() as address, _api(installed, application, **settings_of(address, "mute")) as api:
        form = {"rate": "100", "units_per_mv": "1000"}
        failed = api.client.post(api.url("/recordings"), files={"files": ("b.csv", csv_file(2))}, data=form)
        assert "does not answer" in refusal(failed, 503, "StoreUnavailableError")
        assert _files(api) == 0


def test_wrong_keys_and_missing_buckets_are_told_apart_and_nothing_secret_is(
    tmp_path: Path, s3_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with s3_server(INITIAL_NO_AUTH_ACTION_COUNT="1") as (strict, _):  # making the bucket; then keys are looked at
        wrong = settings_of(strict, "x")
        nowhere = settings_of(s3_address, "x") | {"storage_url": "s3://no-such-bucket/x"}
        for values, words in ((wrong, "refuses the platform's key"), (nowhere, "no bucket")):
            with installation(tmp_path / "data", **values) as found:
                store = storage_of(found)
                for ask, what in ((store.put, b"x"), (store.get, "0" * 64), (store.delete, "0" * 64)):
                    with pytest.raises(StoreUnavailableError, match=words) as caught:
                        ask(what)
                    assert caught.value.__cause__ is None
                    assert SECRET not in str(caught.value)
                with pytest.raises(StoreUnavailableError, match=words):
                    store.answers()
                found.data_dir.mkdir(exist_ok=True)
                assert words in readiness(found).storage.detail
    assert SECRET not in caplog.text
    assert "key-of-the-tests" not in caplog.text


def test_a_job_waits_for_its_store_and_says_so() -> None:
    assert "Waits: The store of files" in str(obstacle_of(StoreUnavailableError(remote.NO_ANSWER)))


def test_what_others_keep_beside_our_blobs_is_left_alone(tmp_path: Path, s3_address: str) -> None:
    with installation(tmp_path / "data", **settings_of(s3_address, tmp_path.name)) as found:
        store = storage_of(found)
    key = store.put(b"ours")
    there = client(s3_address)
    for name in ("readme.txt", "ab/notes", f"{key[:3]}/{key[3:]}", f"deeper/{key[:2]}/{key[2:]}"):
        there.pipe_file(f"ecgs/{tmp_path.name}/{name}", b"theirs")
    there.pipe_file(f"ecgs/{tmp_path.name}-other/{key[:2]}/{key[2:]}", b"another platform's")
    assert [entry.key for entry in store.entries()] == [key]


def test_a_copy_that_cannot_be_dropped_hides_no_reason(
    tmp_path: Path, s3_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(key: str) -> None:
        raise PermissionError(key)

    with installation(tmp_path / "data", **settings_of(s3_address, tmp_path.name)) as found:
        store = storage_of(found)
    monkeypatch.setattr(type(store.copies), "drop", lambda _self, key: refuse(key))
    with pytest.raises(NotFoundError, match="are missing"):
        store.checked_path("0" * 64)


def test_more_than_a_page_of_blobs_is_listed(tmp_path: Path, s3_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with installation(tmp_path / "data", **settings_of(s3_address, tmp_path.name)) as found:
        store = storage_of(found)
    keys = {store.put(os.urandom(8)) for _ in range(7)}
    whole = remote.s3fs.S3FileSystem._call_s3

    async def few(self, method: str, *args, **kwargs):
        return await whole(self, method, *args, **kwargs | ({"MaxKeys": 3} if method == "list_objects_v2" else {}))

    monkeypatch.setattr(remote.s3fs.S3FileSystem, "_call_s3", few)
    assert {entry.key for entry in store.entries()} == keys


@pytest.mark.parametrize("url", ["http://x/y", "s3://", "s3://A_B", "s3://bucket?x=1", "gs://bucket"])
def test_a_store_that_is_no_bucket_is_refused_with_the_form(url: str) -> None:
    with pytest.raises(ValidationError, match="s3://bucket"):
        Settings(storage_url=url)


def test_a_secret_may_come_from_a_file_and_is_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    monkeypatch.setenv("EXCHANGEAI_STORAGE_SECRET_FILE", str(tmp_path / "secret"))
    found = Settings(storage_url="s3://bucket/prefix")
    assert found.storage_secret.get_secret_value() == SECRET
    assert SECRET not in repr(found)
    assert SECRET not in repr(storage_of(found))
