"""The export of a project holds everything of it, readable without the platform, and nothing of another."""

import hashlib
import io
import json
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest
import wfdb
from sqlalchemy import select

from backend.db.session import read_session, write_session
from backend.db.tables import Evaluation, Model, Recording, Table
from backend.ecg.signal_file import decode_signal
from backend.ml.packaging.package import read_package
from backend.services import evaluations, project_export
from backend.services.project_export_tables import HELD, LEFT_OUT
from backend.settings import get_settings
from backend.storage import storage_of
from tests.accounts import House
from tests.api_calls import Api, refusal
from tests.samples import csv_file
from tests.shell_calls import run
from tests.stores import replace
from tests.trained import Trained


def test_every_table_is_held_or_left_out_for_a_reason() -> None:
    assert {*HELD} | {*LEFT_OUT} == set(Table.metadata.tables)
    assert not {*HELD} & {*LEFT_OUT}
    for name, held in HELD.items():
        columns = Table.metadata.tables[name].columns
        assert (held if isinstance(held, str) else held[0]) in columns
    for name, table in Table.metadata.tables.items():
        if name in HELD:  # no secret is in what goes out
            assert not [one for one in table.columns if "secret" in one.name or "password" in one.name]


def _zip(api: Api, project: str = "") -> zipfile.ZipFile:
    answer = api.client.get(api.url("/export", project or api.project))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    return zipfile.ZipFile(io.BytesIO(answer.content))


def _rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in archive.read(f"tables/{name}.jsonl").splitlines()]


def test_all_of_a_project_is_in_its_zip_with_true_sums(trained: Trained, trained_api: Api, tmp_path: Path) -> None:
    hostile = "../../etc/visit of J\u00f6rg <b>.csv"
    trained_api.upload({hostile: csv_file(7)}, rate="500")
    archive = _zip(trained_api)
    assert archive.testzip() is None
    tmp_path = tmp_path / "out"
    archive.extractall(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "README.txt", "SHA256SUMS", "manifest.json", "models", "originals", "signals", "tables"
    }  # fmt: skip
    checked = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, capture_output=True)
    assert checked.returncode == 0, checked.stdout
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    n_files = sum(path.is_file() for path in tmp_path.rglob("*")) - 2  # neither sums nor manifest have one
    assert (manifest["n_files"], manifest["not_readable"]) == (n_files, [])
    assert len((tmp_path / "SHA256SUMS").read_text().splitlines()) == n_files
    with read_session(get_settings().resolved_database_url) as session:
        stored = session.scalars(select(Recording)).all()
        assert {str(row["id"]) for row in _rows(archive, "recordings")} == {row.id for row in stored}
        for row in (stored[0], stored[-1]):
            signal, rate = decode_signal(storage_of(get_settings()).get(row.signal_key))
            read = wfdb.rdrecord(str(tmp_path / "signals" / row.id))
            assert read.fs == rate
            assert np.abs(read.p_signal - (signal if len(signal) == read.sig_len else signal.T)).max() < 1e-3  # mV
    (jorg,) = [row for row in _rows(archive, "recordings") if "visit" in str(row["file_name"])]
    (original,) = (tmp_path / "originals" / str(jorg["id"])).iterdir()
    assert original.read_bytes() == csv_file(7)
    keys = {row["recording_id"]: row["key"] for row in _rows(archive, "originals")}
    assert hashlib.sha256(original.read_bytes()).hexdigest() == keys[jorg["id"]]
    package = read_package(io.BytesIO((tmp_path / "models" / f"{trained.model_id}.zip").read_bytes()), 1 << 30)
    assert package.manifest.name == "Tiny"
    assert len(_rows(archive, "dataset_entries")) == 60
    assert _rows(archive, "runs")[0]["id"] == trained.run_id


def test_nothing_of_another_project_is_in_it(trained: Trained, trained_api: Api) -> None:
    url = get_settings().resolved_database_url
    trained_api.project = other = trained_api.new_project(name="Other")
    trained_api.upload({"theirs.csv": csv_file(9)})
    with write_session(url) as session:  # one that tells of ECGs of the first project
        chosen = evaluations.Settings(include_seen=True)
        evaluations.create(
            session, other, trained.model_id, trained.dataset_id, chosen, dataset_project_id=trained.project_id
        )
    with read_session(url) as session:
        assert session.scalars(select(Evaluation)).one().project_id == other
        foreign = {row.id for row in session.scalars(select(Recording)) if row.project_id != other}
    archive = _zip(trained_api, other)
    assert [row["file_name"] for row in _rows(archive, "recordings")] == ["theirs.csv"]
    assert _rows(archive, "evaluations") == _rows(archive, "models") == _rows(archive, "runs") == []
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert not [one for one in foreign if one.encode() in whole]
    assert trained.project_id.encode() not in whole


def test_rows_are_read_in_pages_and_each_is_there_once(
    trained: Trained, trained_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = _zip(trained_api)
    whole = {name: _rows(at_once, name) for name in ("recordings", "dataset_entries", "originals")}
    monkeypatch.setattr("backend.services.project_export_tables.AT_ONCE", 7)
    monkeypatch.setattr(project_export, "AT_ONCE", 7)
    archive = _zip(trained_api)
    for name, rows in whole.items():
        assert _rows(archive, name) == rows, name
    assert len([name for name in archive.namelist() if name.endswith(".hea")]) == len(whole["recordings"])


def test_bytes_that_are_lost_are_named_and_all_else_is_there(trained: Trained, trained_api: Api) -> None:
    with read_session(get_settings().resolved_database_url) as session:
        row = session.scalars(select(Recording)).first()
        model = session.scalars(select(Model)).one()
        assert row is not None
    for key in (row.signal_key, model.onnx_key):
        replace(storage_of(get_settings()), key, None)
    archive = _zip(trained_api)
    lost = json.loads(archive.read("manifest.json"))["not_readable"]
    original = f"originals/{row.id}/0-{row.file_name}"  # of a simulated ECG the same bytes
    assert {one.partition(":")[0] for one in lost} == {original, f"signals/{row.id}", f"models/{model.id}.zip"}
    assert len([name for name in archive.namelist() if name.endswith(".hea")]) == 59
    assert f"models/{model.id}.zip" not in archive.namelist()


def test_only_an_admin_exports_and_the_log_names_what_went_out(trained_house: House, trained: Trained) -> None:
    house = trained_house
    for role, status in (("viewer", 403), ("annotator", 403), ("trainer", 403), ("admin", 200)):
        with house.client(house.by_session(house.user(role, **{trained.project_id: role}))) as api:
            assert api.client.get(api.url("/export", trained.project_id)).status_code == status
    with house.client(house.by_session(house.user("stranger"))) as api:
        refusal(api.client.get(api.url("/export", trained.project_id)), 404, "NotFoundError")
    lines = [line for line in house.lines() if line["action"] == "export_project"]
    assert [line["status"] for line in lines] == [403, 403, 403, 200, 404]
    assert len(lines[3]["subject"]["recordings"]) == 60


def test_the_shell_writes_it_and_does_not_write_over_anything(trained: Trained, tmp_path: Path) -> None:
    target = tmp_path / "ward.zip"
    done = run("export", str(target), "--project", "Simulated")
    assert done.exit_code == 0, done.output
    assert zipfile.ZipFile(target).testzip() is None
    assert target.stat().st_mode & 0o077 == 0  # it holds patients' data
    before = target.read_bytes()
    for again in ((str(target),), (str(tmp_path),), (str(tmp_path / "no" / "x.zip"),)):
        refused = run("export", *again, "--project", "Simulated")
        assert refused.exit_code == 1
        assert "Traceback" not in refused.output
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.glob("*.zip*")] == ["ward.zip"]
    assert run("export", str(target), "--project", "Simulated", "--force").exit_code == 0
