"""What was changed on the server, or is hostile, ends in quarantine with the reason, and nothing of it is a model."""

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from backend.db.session import read_session, write_session
from backend.ecg.preprocess import preset
from backend.exchange.publish import publish
from backend.exchange.signing import SigningKey
from backend.ml.inference.onnx_bytes import with_metadata
from backend.ml.metadata import to_metadata
from backend.ml.packaging.manifest import Manifest
from backend.ml.packaging.package import MODEL, write_package
from backend.ml.spec import ModelSpec
from backend.services import exchange_push, exchanges, project_deletion, projects, transfers
from backend.settings import get_settings
from backend.storage import storage_of
from tests.model_files import memory_bomb
from tests.shared_folder import SharedFolder, n_models, new_project, published, pull, read_list
from tests.trained import Trained

WINDOW = preset("exchangeai", window_s=2)  # 200 samples


def _tampered(shared: SharedFolder, place: str, how: str) -> None:
    folder = shared.path / "models" / place
    package = folder / "package.zip"
    data = package.read_bytes()
    if how == "bytes":
        package.write_bytes(data[:-200] + bytes([data[-200] ^ 1]) + data[-199:])
    elif how == "length":
        package.write_bytes(data + b"\0" * 10)
    elif how == "signature":
        signature = json.loads((folder / "SHA256SUMS.sig").read_text())
        signature["signature"] = signature["signature"][::-1]
        (folder / "SHA256SUMS.sig").write_text(json.dumps(signature))
    elif how == "sums":  # a right hash of wrong bytes, not signed
        package.write_bytes(data + b"\0")
        sums = (folder / "SHA256SUMS").read_text()
        changed = sums.replace(sha256(data).hexdigest(), sha256(data + b"\0").hexdigest())
        assert changed != sums
        (folder / "SHA256SUMS").write_text(changed)
    else:
        (folder / "card.md").write_text("# Another card")


@pytest.mark.parametrize("how", ["bytes", "length", "signature", "sums", "card"])
def test_what_was_changed_on_the_server_ends_in_quarantine_with_the_reason(
    trained: Trained, shared: SharedFolder, how: str
) -> None:
    settings, exchange_id, place = published(trained, shared)
    (item,) = read_list(settings, exchange_id)
    _tampered(shared, place, how)
    other = new_project(settings)
    before = {path for path in settings.data_dir.rglob("*") if path.is_file()}
    done = pull(settings, other, exchange_id, place, trust=item.fingerprint)
    assert (done.job.status, done.model_id) == ("failed", None)
    assert done.quarantined
    assert str(done.quarantined) in str(done.job.error)
    assert n_models(settings, other) == 0
    new = {path for path in settings.data_dir.rglob("*") if path.is_file()} - before
    quarantine = transfers.place_of(settings.data_dir, done.id)
    assert [
        path
        for path in new
        if quarantine not in path.parents and "sqlite" not in path.name and "queue" not in path.parts
    ] == []


def _bomb(folder: Path) -> Path:
    """Return the package of a graph that makes 4 TB of numbers, as a trusted publisher might send it."""
    spec = ModelSpec(architecture="external", labels=("A", "B"), task="single_label", preprocessing=WINDOW)
    onnx = folder / "model.onnx"
    onnx.write_bytes(with_metadata(memory_bomb(), to_metadata(spec)))
    said = Manifest(
        name="Bomb", created="2026-01-01T00:00:00+00:00", spec=spec, licence="CC BY 4.0", intended_use="none",
        parameters=1,
    )  # fmt: skip
    path = folder / "bomb.zip"
    path.write_bytes(b"".join(write_package(said, {MODEL: onnx})))
    return path


def test_a_signed_package_with_a_hostile_model_is_refused_by_the_limited_process(
    trained: Trained, shared: SharedFolder, tmp_path: Path
) -> None:
    """Whoever has a trusted key may still send a model that asks for all memory: it is tried first."""
    settings = get_settings()
    exchange_id = shared.add(settings)
    path = _bomb(tmp_path)
    key = exchange_push.signing_key(settings)
    with read_session(settings.resolved_database_url) as session:
        connection = exchanges.connection(settings, exchanges.get(session, exchange_id))
    with connection.folder() as folder:
        publish(folder, path, key, publisher="Ward 3", most=settings.model_bytes)
    (item,) = read_list(settings, exchange_id)
    other = new_project(settings)
    done = pull(settings, other, exchange_id, item.place, trust=key.public.fingerprint)
    assert done.job.status == "failed"
    assert done.quarantined, done.job.error
    assert n_models(settings, other) == 0


def test_deleting_a_refused_transfer_empties_its_quarantine(trained: Trained, shared: SharedFolder) -> None:
    settings, exchange_id, place = published(trained, shared)
    (item,) = read_list(settings, exchange_id)
    _tampered(shared, place, "bytes")
    done = pull(settings, new_project(settings), exchange_id, place, trust=item.fingerprint)
    assert transfers.place_of(settings.data_dir, done.id).exists()
    with write_session(settings.resolved_database_url) as session:
        transfers.delete(session, settings, transfers.get(session, done.project_id, done.id))
    assert not transfers.place_of(settings.data_dir, done.id).exists()


def test_an_index_that_names_a_trusted_key_for_what_another_has_signed_brings_nothing_in(
    trained: Trained, shared: SharedFolder, tmp_path: Path
) -> None:
    """Somebody lays a version of their own, under a name nobody knows, where the index names a trusted publisher."""
    settings, exchange_id, place = published(trained, shared)
    (item,) = read_list(settings, exchange_id)
    legit = shared.path / "models" / place
    package = tmp_path / "package.zip"
    package.write_bytes((legit / "package.zip").read_bytes())
    index = (shared.path / "index.json").read_bytes()
    shutil.rmtree(legit)
    with read_session(settings.resolved_database_url) as session:
        connection = exchanges.connection(settings, exchanges.get(session, exchange_id))
    with connection.folder() as folder:
        forged = publish(folder, package, SigningKey.new(), publisher="Nobody", most=settings.model_bytes)
    assert f"{forged.slug}/{forged.version}" == place
    (shared.path / "index.json").write_bytes(index)
    other = new_project(settings)
    done = pull(settings, other, exchange_id, place, trust=item.fingerprint)
    assert (done.job.status, done.model_id) == ("failed", None)
    assert "which nobody here has trusted" in str(done.quarantined)
    assert n_models(settings, other) == 0
    with read_session(settings.resolved_database_url) as session:
        assert [key.publisher for key in exchanges.keys(session, exchange_id)] == ["Ward 3"]


def test_what_lies_in_quarantine_goes_with_its_project(trained: Trained, shared: SharedFolder) -> None:
    settings, exchange_id, place = published(trained, shared)
    (item,) = read_list(settings, exchange_id)
    _tampered(shared, place, "bytes")
    done = pull(settings, new_project(settings), exchange_id, place, trust=item.fingerprint)
    assert transfers.place_of(settings.data_dir, done.id).exists()
    url = settings.resolved_database_url
    with write_session(url) as session:
        projects.delete(session, projects.get(session, done.project_id))
    project_deletion.finish(url, storage_of(get_settings()), done.project_id)
    assert not transfers.place_of(settings.data_dir, done.id).exists()
