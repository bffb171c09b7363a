"""`exchangeai convert`: every file of a folder in another format, without a database."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
import wfdb
from typer.testing import CliRunner, Result

from backend.cli import app
from backend.settings import Settings
from tests.installation import installation
from tests.samples import csv_file, microvolts, npy_file, wfdb_pair, zip_file


def _run(*arguments: str | Path) -> Result:
    declared = () if "--rate" in arguments else ("--rate", "100", "--units-per-mv", "1000")
    return CliRunner().invoke(app, ["convert", *map(str, arguments), *declared])


def _json(*arguments: str | Path) -> dict:
    result = _run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Settings]:
    """An installation without a database."""
    with installation(tmp_path / "data") as settings:
        yield settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "ecgs"
    (folder / "ward").mkdir(parents=True)
    header, data = wfdb_pair("r1", 50)
    (folder / "ward" / "r1.hea").write_bytes(header + b"#Patient ID: Mueller\n#Age: 95\n#Sex: F\n")
    (folder / "ward" / "r1.dat").write_bytes(data)
    (folder / "Anna Müller.csv").write_bytes(csv_file(1))
    (folder / "notes.bin").write_bytes(b"\0\1\2")
    return folder


def test_a_folder_is_converted_with_an_outcome_a_file(bare: Settings, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shown = _json(folder, "--to", "dicom", "--out", out, "--rate", "100", "--units-per-mv", "1000")
    assert (shown["converted"], shown["refused"]) == (2, 1)
    assert {one["file_name"]: one["status"] for one in shown["outcomes"]} == {
        "Anna Müller.csv": "converted", "notes.bin": "refused", "ward/r1.hea": "converted",
    }  # fmt: skip
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()) == [
        "Anna Müller.dcm", "ward/r1.dcm",
    ]  # fmt: skip
    dataset = pydicom.dcmread(out / "ward" / "r1.dcm")
    np.testing.assert_array_equal(dataset.waveform_array(0).T, microvolts(50))
    assert not bare.data_dir.joinpath("exchangeai.sqlite").exists()


def test_identifiers_become_pseudonyms_and_great_ages_one(bare: Settings, folder: Path, tmp_path: Path) -> None:
    _json(folder / "ward", "--to", "dicom", "--out", tmp_path / "a")
    dataset = pydicom.dcmread(tmp_path / "a" / "r1.dcm")
    assert dataset.PatientID.startswith("p-")
    assert (dataset.PatientAge, dataset.PatientSex) == ("090Y", "F")
    assert b"Mueller" not in (tmp_path / "a" / "r1.dcm").read_bytes()


def test_people_are_told_what_was_written_and_what_not(bare: Settings, folder: Path, tmp_path: Path) -> None:
    result = _run(folder, "--to", "wfdb", "--out", tmp_path / "out", "--rate", "100", "--units-per-mv", "1000")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "2 recordings converted, 1 refused."
    assert any(line.startswith("ward/r1.hea -> ") and line.count("r1") in (3, 4) for line in lines)
    assert any(line.startswith("Refused notes.bin: ") for line in lines)
    record = wfdb.rdrecord(str(tmp_path / "out" / "ward" / "r1"))
    np.testing.assert_allclose(record.p_signal.T, microvolts(50) / 1000, atol=1e-9)
    assert (tmp_path / "out" / "Anna_M_ller.hea").is_file()


def test_nothing_converted_is_a_failure(bare: Settings, folder: Path, tmp_path: Path) -> None:
    result = _run(folder / "notes.bin", "--to", "csv", "--out", tmp_path / "out", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refused"] == 1
    assert not (tmp_path / "out").exists()


def test_an_unknown_format_is_refused_before_anything_is_read(bare: Settings, folder: Path) -> None:
    result = _run(folder, "--to", "pdf")
    assert result.exit_code == 1
    assert "Choose one of wfdb, dicom, edf, fhir, csv, npy." in result.stderr


def test_what_is_there_is_not_written_over_unless_forced(bare: Settings, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "ward").mkdir(parents=True)
    (out / "ward" / "r1.dat").write_text("mine")
    shown = _json(folder, "--to", "wfdb", "--out", out)
    (refused,) = [one for one in shown["outcomes"] if one["file_name"] == "ward/r1.hea"]
    assert "already there" in refused["detail"]
    assert (out / "ward" / "r1.dat").read_text() == "mine"
    assert not (out / "ward" / "r1.hea").exists()
    assert _json(folder / "ward", "--to", "wfdb", "--out", out / "ward", "--force")["converted"] == 1
    assert (out / "ward" / "r1.dat").stat().st_size == 24_000


def test_a_source_is_never_written_over(bare: Settings, folder: Path) -> None:
    before = (folder / "Anna Müller.csv").read_bytes()
    result = _run(folder / "Anna Müller.csv", "--to", "csv", "--out", folder, "--force")
    assert result.exit_code == 1
    assert "one of the files to convert" in result.stdout
    assert (folder / "Anna Müller.csv").read_bytes() == before


def test_a_link_is_replaced_and_a_folder_that_leads_outside_is_refused(
    bare: Settings, folder: Path, tmp_path: Path
) -> None:
    out, outside = tmp_path / "out", tmp_path / "outside"
    out.mkdir()
    outside.mkdir()
    (outside / "victim").write_text("keep")
    (out / "Anna Müller.npz").symlink_to(outside / "victim")
    (out / "ward").symlink_to(outside)
    shown = _json(folder, "--to", "npy", "--out", out, "--force")
    assert {one["file_name"]: one["status"] for one in shown["outcomes"]}["ward/r1.hea"] == "refused"
    assert (outside / "victim").read_text() == "keep"
    assert [path.name for path in outside.iterdir()] == ["victim"]
    assert not (out / "Anna Müller.npz").is_symlink()


def test_the_records_of_a_stack_and_of_a_zip_get_names_of_their_own(bare: Settings, tmp_path: Path) -> None:
    sources, out = tmp_path / "in", tmp_path / "out"
    sources.mkdir()
    stack = np.stack([microvolts(0), microvolts(1)])
    np.save(sources / "stack.npy", stack)
    (sources / "pack.zip").write_bytes(zip_file({"a/one.npy": npy_file(2), "a/one.csv": csv_file(3)}))
    shown = _json(sources, "--to", "csv", "--out", out, "--rate", "100", "--units-per-mv", "1000")
    assert shown["converted"] == 4
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*.csv")) == [
        "pack/a/one.csv", "pack/a/one.csv.csv", "stack[0].csv", "stack[1].csv",
    ]  # fmt: skip


def test_names_that_become_one_do_not_overwrite_each_other(bare: Settings, tmp_path: Path) -> None:
    sources, out = tmp_path / "in", tmp_path / "out"
    sources.mkdir()
    (sources / "a b.npy").write_bytes(npy_file(1))
    (sources / "a_b.npy").write_bytes(npy_file(2))
    shown = _json(sources, "--to", "wfdb", "--out", out, "--force", "--rate", "100", "--units-per-mv", "1000")
    assert [one["status"] for one in shown["outcomes"]] == ["converted", "refused"]
    assert "nearly the same name" in shown["outcomes"][1]["detail"]
    np.testing.assert_allclose(wfdb.rdrecord(str(out / "a_b")).p_signal.T, microvolts(1) / 1000, atol=1e-9)


def test_partial_recordings_are_converted_only_when_asked(bare: Settings, tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("II,V1\n" + "\n".join(f"{n},{-n}" for n in range(100)))
    assert _run(path, "--to", "npy", "--out", tmp_path / "out").exit_code == 1
    _json(path, "--to", "npy", "--out", tmp_path / "out", "--partial", "--rate", "100", "--units-per-mv", "1000")
    with np.load(tmp_path / "out" / "two.npz") as arrays:
        assert arrays["leads"].tolist() == ["II", "V1"]
        np.testing.assert_array_equal(arrays["x"][1], -np.arange(100))


def test_people_are_told_where_samples_are_rounded(bare: Settings, tmp_path: Path) -> None:
    np.save(tmp_path / "floats.npy", np.random.default_rng(0).normal(0, 300, (12, 500)).astype(np.float32))
    (to_dicom,) = _json(tmp_path / "floats.npy", "--to", "dicom", "--out", tmp_path / "out")["outcomes"]
    (to_csv,) = _json(tmp_path / "floats.npy", "--to", "csv", "--out", tmp_path / "out")["outcomes"]
    assert "rounded to 16 bits" in to_dicom["detail"]
    assert "rounded" not in to_csv["detail"]
