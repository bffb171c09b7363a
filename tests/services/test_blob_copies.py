"""All blobs as one stream: from a folder into a store that speaks S3 and back, and nothing wrong comes in by it."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from backend.errors import DamagedError, InvalidInputError
from backend.services import blob_copies
from backend.storage import LocalStorage, storage_of
from tests.api_calls import Api
from tests.installation import installation
from tests.platform_process import COMMAND, environment
from tests.stores import blobs_of, replace, settings_of
from tests.trained import Trained


def test_an_installation_moves_into_another_store_and_back(
    trained: Trained, trained_api: Api, s3_address: str, tmp_path: Path
) -> None:
    (row, *_) = trained_api.recordings()
    signal = trained_api.url(f"/recordings/{row['id']}/signal")
    shown = trained_api.client.get(signal).content
    with installation(trained.folder, storage_url="") as here:
        url, folder = here.resolved_database_url, storage_of(here)
        before = blobs_of(folder)
        stream = io.BytesIO()
        assert blob_copies.save(url, folder, stream) == len(before) > 60
    with installation(trained.folder, **settings_of(s3_address, "moved")) as there:
        assert trained_api.client.get(signal).status_code == 404
        stream.seek(0)
        assert blob_copies.load(url, storage_of(there), stream) == len(before)
        assert blobs_of(storage_of(there)) == before
        assert trained_api.client.get(signal).content == shown
        back = io.BytesIO()
        blob_copies.save(url, storage_of(there), back)
        back.seek(0)
    assert blob_copies.load(url, LocalStorage(tmp_path / "back"), back) == len(before)
    assert blobs_of(LocalStorage(tmp_path / "back")) == before


def test_a_damaged_blob_is_not_saved_and_a_false_one_not_loaded(trained: Trained, tmp_path: Path) -> None:
    with installation(trained.folder, storage_url="") as here:
        url, folder = here.resolved_database_url, storage_of(here)
    key = next(iter(blobs_of(folder)))
    whole = io.BytesIO()
    blob_copies.save(url, folder, whole)
    replace(folder, key, b"other")
    with pytest.raises(DamagedError):
        blob_copies.save(url, folder, io.BytesIO())
    target = LocalStorage(tmp_path / "target")
    for name, data in ((f"{key[:2]}/{key[2:]}", b"other"), ("../../etc/passwd", b"x"), ("notes.txt", b"x")):
        with pytest.raises(InvalidInputError, match="no blob or damaged"):
            blob_copies.load(url, target, _tar(name, data))
    for data in (b"no tar at all", whole.getvalue()[: len(whole.getvalue()) // 2], b""):
        with pytest.raises(InvalidInputError, match="cut off"):
            blob_copies.load(url, LocalStorage(tmp_path / "other"), io.BytesIO(data))
    assert blobs_of(target) == {}


def _tar(name: str, data: bytes) -> io.BytesIO:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    buffer.seek(0)
    return buffer


def test_the_shell_saves_and_loads_through_pipes(trained: Trained, tmp_path: Path) -> None:
    settings = environment(tmp_path, data_dir=str(trained.folder))

    def run(verb: str, given: bytes = b"") -> tuple[int, bytes, bytes]:
        ran = subprocess.run([COMMAND, "blobs", verb], env=settings, capture_output=True, timeout=90, input=given)
        return ran.returncode, ran.stdout, ran.stderr

    code, stream, said = run("save")
    assert (code, b"Saved" in said) == (0, True), said
    code, _, said = run("load", stream)
    assert (code, b"Loaded" in said) == (0, True), said
    code, _, said = run("load", b"no")
    assert (code, b"no tar file" in said, b"Traceback" in said) == (1, True, False)
