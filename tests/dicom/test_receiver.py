"""The DICOM receiver, with pynetdicom as cart: what is acknowledged is kept, and nothing else is acknowledged."""

import gc
import io
import os
import signal
import subprocess
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom
import pytest
from pynetdicom import AE
from pynetdicom.association import Association
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from backend.db.session import read_session
from backend.db.tables import Recording
from backend.ecg.readers.dicom.identity import ECG_CLASSES
from backend.errors import DiskFullError, InvalidInputError, UnavailableError
from backend.services import audit, dicom_intake, dicom_receiver
from backend.services.dicom_receiver import VERIFICATION, Door, Receiver
from backend.settings import Settings
from backend.storage import Storage, storage_of
from tests.accounts import House
from tests.api_calls import Api
from tests.dicom_objects import dicom_ecg
from tests.platform_process import COMMAND, environment, until
from tests.servers import free_port

TITLE = "WARD3"
pytestmark = pytest.mark.usefixtures("quick_collections")


@contextmanager
def _receiver(api: Api, settings: Settings, storage: Storage, **door: object) -> Iterator[int]:
    api.url()
    wanted = {"host": "127.0.0.1", "port": 0, "ae_title": TITLE} | door
    with Receiver(settings, storage, Door(api.project, **wanted)) as receiver:
        yield receiver.port
    with warnings.catch_warnings():  # pynetdicom leaves some sockets of ended associations to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@contextmanager
def _cart(port: int, called: str = TITLE, calling: str = "CART1") -> Iterator[Association]:
    entity = AE(ae_title=calling)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 60
    for kind in (*ECG_CLASSES, VERIFICATION):
        entity.add_requested_context(kind)
    association = entity.associate("127.0.0.1", port, ae_title=called)
    yield association
    if association.is_established:
        association.release()


def _ecg(seed: int = 0) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(dicom_ecg(seed)))


def test_a_cart_asks_and_pushes_and_its_ecgs_are_recordings(api: Api, installed: Settings, storage: Storage) -> None:
    with _receiver(api, installed, storage) as port, _cart(port) as cart:
        assert cart.send_c_echo().Status == 0
        assert [cart.send_c_store(_ecg(seed)).Status for seed in (0, 1, 0)] == [0, 0, 0]
        assert len(api.recordings()) == 2  # while the association goes on: it is kept when it is acknowledged
    sent = {str(_ecg(seed).SOPInstanceUID) for seed in (0, 1)}
    assert {row["file_name"].removeprefix("0000-").removesuffix(".dcm") for row in api.recordings()} == sent


def test_what_is_no_ecg_is_refused_and_the_next_one_is_taken(api: Api, installed: Settings, storage: Storage) -> None:
    empty = _ecg()
    del empty.WaveformSequence
    with _receiver(api, installed, storage) as port, _cart(port) as cart:
        assert cart.send_c_store(empty).Status == 0xC000
        assert cart.send_c_store(_ecg()).Status == 0
    assert len(api.recordings()) == 1


@pytest.mark.parametrize("problem", [DiskFullError("full"), OperationalError("", {}, OSError()), OSError("gone")])
def test_what_cannot_be_kept_is_not_acknowledged(
    api: Api, installed: Settings, storage: Storage, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise problem

    with _receiver(api, installed, storage) as port, _cart(port) as cart:
        with monkeypatch.context() as broken:
            broken.setattr(dicom_intake.imports, "read_and_store", fail)
            assert cart.send_c_store(_ecg()).Status == 0xA700
        assert cart.send_c_store(_ecg()).Status == 0


def test_only_known_carts_that_know_the_title_are_let_in(api: Api, installed: Settings, storage: Storage) -> None:
    with _receiver(api, installed, storage, peers=["CART1"]) as port:
        for called, calling, let_in in ((TITLE, "CART1", True), (TITLE, "CART2", False), ("OTHER", "CART1", False)):
            with _cart(port, called, calling) as cart:
                assert cart.is_established is let_in


def test_an_object_without_end_is_broken_off(
    api: Api, installed: Settings, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dicom_receiver, "MOST_BYTES", 40_000)
    with _receiver(api, installed, storage) as port, _cart(port) as cart:
        assert not getattr(cart.send_c_store(_ecg()), "Status", None)  # no answer: the association is gone
        until(lambda: not cart.is_established)
    assert api.recordings() == []


def test_several_carts_push_at_once(api: Api, installed: Settings, storage: Storage) -> None:
    said: list[int] = []

    def push(port: int, seed: int) -> None:
        with _cart(port) as cart:
            said.append(cart.send_c_store(_ecg(seed)).Status)

    with _receiver(api, installed, storage) as port:
        carts = [threading.Thread(target=push, args=(port, seed)) for seed in range(4)]
        for one in carts:
            one.start()
        for one in carts:
            one.join()
    assert said == [0] * 4
    assert len(api.recordings()) == 4


def test_a_taken_port_and_an_impossible_title_are_told(api: Api, installed: Settings, storage: Storage) -> None:
    taken = pytest.raises(UnavailableError, match="--port")
    with _receiver(api, installed, storage) as port, taken, _receiver(api, installed, storage, port=port):
        pass
    with pytest.raises(InvalidInputError), _receiver(api, installed, storage, ae_title="back\\slash"):
        pass


def test_in_server_mode_every_object_is_a_line_of_the_audit_log_that_names_its_cart(house: House) -> None:
    broken = _ecg()
    del broken.WaveformSequence
    store = storage_of(house.settings)
    door = Door(house.project(), "127.0.0.1", 0, TITLE)
    with Receiver(house.settings, store, door) as receiver, _cart(receiver.port, calling="CART7") as cart:
        said = [cart.send_c_store(one).Status for one in (_ecg(), _ecg(), broken)]
    assert said == [0, 0, 0xC000]
    lines = house.lines()
    assert [line["status"] for line in lines] == said
    for line in lines:
        assert (line["person"], line["via"], line["action"]) == ("CART7", "dicom", "dicom C-STORE")
        assert line["project_id"] == door.project_id
    with read_session(house.settings.resolved_database_url) as session:
        (kept,) = session.scalars(select(Recording.id))
    assert [line["subject"].get("recordings") for line in lines] == [[kept], [kept], None]
    assert str(_ecg().SOPInstanceUID) not in str(lines)


def test_what_cannot_be_recorded_is_not_acknowledged(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("", {}, OSError())

    store = storage_of(house.settings)
    door = Door(house.project(), "127.0.0.1", 0, TITLE)
    with Receiver(house.settings, store, door) as receiver, _cart(receiver.port) as cart:
        with monkeypatch.context() as broken:
            broken.setattr(audit, "append", fail)
            assert cart.send_c_store(_ecg()).Status == 0xA700
        assert cart.send_c_store(_ecg()).Status == 0


def test_what_was_acknowledged_outlives_a_killed_receiver(api: Api, installed: Settings, tmp_path: Path) -> None:
    port = free_port()
    command = [COMMAND, "dicom-receive", "-p", api.url().rsplit("/", 1)[1], "--port", str(port)]
    with subprocess.Popen(command, env=environment(tmp_path), cwd=tmp_path, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert b"receives at" in process.stderr.readline()
        with _cart(port, "EXCHANGEAI") as cart:
            assert cart.send_c_store(_ecg()).Status == 0
        os.kill(process.pid, signal.SIGKILL)
    (row,) = api.recordings()
    assert api.client.get(api.url(f"/recordings/{row['id']}/original")).status_code == 200
