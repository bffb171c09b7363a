"""`exchangeai measure`: what it prints for files that can be read, and for those that cannot."""

import json

import pytest
from typer.testing import CliRunner

from backend.cli import app
from tests.samples import FORMATS, NO_SHARED, csv_file

run = CliRunner().invoke


@pytest.fixture(autouse=True)
def _own_installation(tmp_path, monkeypatch):
    monkeypatch.setenv("EXCHANGEAI_DATA_DIR", str(tmp_path / "data"))


def test_a_made_ecg_of_sixty_beats_a_minute_is_measured_and_a_broken_file_beside_it_is_named(tmp_path):
    (tmp_path / "good.csv").write_bytes(csv_file(n=1000))
    (tmp_path / "bad.csv").write_text("no numbers here\n")
    answer = run(
        app,
        [
            "measure",
            str(tmp_path / "good.csv"),
            str(tmp_path / "bad.csv"),
            "--rate",
            "100",
            "--units-per-mv",
            "1000",
            "--json",
        ],
    )
    assert answer.exit_code == 0, answer.output
    good, bad = json.loads(answer.stdout)
    assert good["heart_rate"] == pytest.approx(60, abs=1)
    assert good["rr_ms"]["mean"] == pytest.approx(1000, abs=10)
    assert good["n_beats"] == len(good["waves"]) == len(good["r_peaks_s"])
    assert good["quality"]["overall"] == "usable"
    assert "bad.csv" in bad["file_name"]
    assert bad["error"]


def test_only_unreadable_files_end_with_exit_code_1_and_no_traceback(tmp_path):
    (tmp_path / "bad.csv").write_text("no numbers here\n")
    answer = run(app, ["measure", str(tmp_path / "bad.csv")])
    assert answer.exit_code == 1
    assert "Traceback" not in answer.output


@pytest.mark.skipif(not FORMATS.exists(), reason=NO_SHARED)
def test_a_device_file_is_measured_close_to_what_the_device_measured():
    path = FORMATS / "hl7_aecg" / "mortara_Example.xml"
    answer = run(app, ["measure", str(path), "--json"])
    (ours,) = json.loads(answer.stdout)
    # The device's own, as its file states them: PR 148, QRS 120, QT 420 ms, QRS axis -61 degrees.
    assert ours["pr_ms"] == pytest.approx(148, abs=20)
    assert ours["qrs_ms"] == pytest.approx(120, abs=12)
    assert ours["qt_ms"] == pytest.approx(420, abs=30)
    assert ours["qrs_axis"] == pytest.approx(-61, abs=15)
