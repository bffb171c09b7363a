"""Reading in Python: paths, folders, archives and bytes; nothing guessed, nothing dropped in silence."""

from pathlib import Path

import numpy as np
import pytest
import wfdb

import exchangeai as ex
from tests.samples import FORMATS, NO_SHARED, csv_file, microvolts, wfdb_pair, zip_file


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    """A folder: a WFDB record below another one, a table of values, and a file that is no ECG."""
    (tmp_path / "a").mkdir()
    for name, data in zip(("a/r.hea", "a/r.dat"), wfdb_pair("r", n=1000, rate=100), strict=True):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "ecg.csv").write_bytes(csv_file(1))
    (tmp_path / "notes.bin").write_bytes(b"\0\1\2\3")
    return tmp_path


def test_a_header_brings_its_signals(ward: Path) -> None:
    (recording,) = ex.read(ward / "a" / "r.hea")
    assert recording.rate == 100
    expected = wfdb.rdrecord(str(ward / "a" / "r"))
    order = [[name.upper() for name in expected.sig_name].index(lead.upper()) for lead in ex.LEADS]
    np.testing.assert_allclose(recording.signal, expected.p_signal.T[order], atol=1e-6)


@pytest.mark.skipif(not FORMATS.exists(), reason=NO_SHARED)
def test_a_published_record_is_read_as_wfdb_reads_it() -> None:
    (recording,) = ex.read(FORMATS / "wfdb" / "00001_hr.hea")
    expected = wfdb.rdrecord(str(FORMATS / "wfdb" / "00001_hr"))
    order = [[name.upper() for name in expected.sig_name].index(lead.upper()) for lead in ex.LEADS]
    np.testing.assert_allclose(recording.signal, expected.p_signal.T[order], atol=1e-6)


def test_what_a_file_does_not_say_is_asked_for_and_not_guessed(ward: Path) -> None:
    with pytest.raises(ex.EcgError, match="declare it in Hz"):
        ex.read(ward / "ecg.csv")
    (recording,) = ex.read(ward / "ecg.csv", rate=100, units_per_mv=1000)
    np.testing.assert_allclose(recording.signal, microvolts(1) / 1000, atol=1e-6)


def test_one_bad_file_of_a_folder_is_raised_or_named(ward: Path) -> None:
    with pytest.raises(ex.EcgError, match=r"notes\.bin"):
        ex.read(ward, rate=100, units_per_mv=1000)
    found = ex.read(ward, rate=100, units_per_mv=1000, refused="keep")
    assert sorted(one.name for one in found) == ["a/r.hea", "ecg.csv"]
    assert [one.name for one in found.refused] == ["notes.bin"]


def test_bytes_archives_and_several_at_once(ward: Path) -> None:
    archive = zip_file({"r.hea": (ward / "a/r.hea").read_bytes(), "r.dat": (ward / "a/r.dat").read_bytes()})
    (alone,) = ex.read(archive, name="ward.zip")
    assert alone.name == "ward.zip/r.hea"
    both = ex.read([ward / "a" / "r.hea", csv_file(2)], rate=100, units_per_mv=1000)
    assert [one.name for one in both] == ["r.hea", "file 2"]
    np.testing.assert_array_equal(both[0].signal, alone.signal)


def test_a_path_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(ex.EcgError, match="cannot be read"):
        ex.read(tmp_path / "none.hea")
