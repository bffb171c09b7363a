"""`exchangeai draw`: a sheet for each recording of files, without a database."""

import json
from collections.abc import Iterator
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from typer.testing import CliRunner, Result

from backend.cli import app
from tests.installation import installation
from tests.samples import csv_file, wfdb_pair


@pytest.fixture(autouse=True)
def _installation(tmp_path: Path) -> Iterator[None]:
    with installation(tmp_path / "data"):
        yield


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["draw", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "ecgs"
    (place / "ward").mkdir(parents=True)
    header, data = wfdb_pair("r1", 7, n=2000, rate=250)
    (place / "ward" / "r1.hea").write_bytes(header)
    (place / "ward" / "r1.dat").write_bytes(data)
    (place / "no.csv").write_bytes(csv_file(3))
    return place


def test_each_ecg_becomes_a_sheet_and_what_cannot_be_read_says_why(folder: Path, tmp_path: Path) -> None:
    result = _run(folder, "--out", tmp_path / "out", "--layout", "cabrera", "--gain", "5", "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert (said["drawn"], said["refused"]) == (1, 1)
    assert "sampling rate" in next(one["detail"] for one in said["outcomes"] if one["status"] == "refused")
    text = pdfium.PdfDocument(tmp_path / "out" / "ward" / "r1.pdf")[0].get_textpage().get_text_range()
    for part in ("-aVR", "25 mm/s · 5 mm/mV · 250 Hz · unfiltered"):
        assert part in text


@pytest.mark.parametrize("wrong", [("--to", "gif"), ("--layout", "4x4"), ("--filter", "1-2"), ("--notch", "55")])
def test_what_is_not_offered_is_one_sentence_and_exit_code_1(folder: Path, wrong: tuple[str, str]) -> None:
    result = _run(folder, *wrong)
    assert result.exit_code == 1
    assert "Traceback" not in result.output


def test_nothing_is_written_over(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert _run(folder / "ward", "--out", out).exit_code == 0
    again = _run(folder / "ward", "--out", out)
    assert again.exit_code == 1
    assert "already there" in again.output
    assert _run(folder / "ward", "--out", out, "--force").exit_code == 0
