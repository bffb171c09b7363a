"""WFDB out: our reader and the reference implementation read back what was written."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import wfdb
from hypothesis import given, settings

from backend.ecg.recording import Patient, Recording
from backend.ecg.writers import write
from tests.samples import LEADS
from tests.written import Case, arbitrary, assert_same, cases, floats, read_back


def _reference(recording: Recording, stem: str = "written") -> wfdb.Record:
    with TemporaryDirectory() as folder:
        header, *others = write(recording, "wfdb", stem)
        for file in (header, *others):
            (Path(folder) / file.name).write_bytes(file.data)
        return wfdb.rdrecord(str(Path(folder) / Path(header.name).stem))


@settings(max_examples=40, deadline=None)
@given(cases())
def test_our_reader_reads_back_the_same_recording(case: Case) -> None:
    back = read_back(case.recording, "wfdb")
    assert_same(back, case.recording)
    assert back.patient == case.recording.patient
    assert not any("checksum" in note for note in back.notes)


@settings(max_examples=25, deadline=None)
@given(cases(largest=8_000_000))
def test_wide_samples_are_read_back_too(case: Case) -> None:
    assert_same(read_back(case.recording, "wfdb"), case.recording)


@settings(max_examples=25, deadline=None)
@given(cases())
def test_the_wfdb_package_reads_the_source_values(case: Case) -> None:
    record = _reference(case.recording)
    assert record.fs == case.recording.rate
    assert set(record.units) == {"mV"}
    for lead in case.names:
        np.testing.assert_allclose(
            record.p_signal[:, record.sig_name.index(lead)], case.millivolts(lead), rtol=1e-12, atol=0
        )


@pytest.mark.parametrize(("largest", "fmt"), [(32_767, "16"), (32_768, "24"), (8_388_607, "24"), (8_388_608, "32")])
def test_the_narrowest_format_that_holds_the_samples_is_taken(largest: int, fmt: str) -> None:
    counts = np.zeros((12, 20), np.int64)
    counts[3, 5], counts[4, 6] = largest, -largest
    recording = Recording(counts.astype(np.float32), 500.0, "a.csv", "csv", step=np.ones(12))
    record = _reference(recording)
    assert set(record.fmt) == {fmt}
    np.testing.assert_array_equal(record.p_signal.T, counts)
    assert_same(read_back(recording, "wfdb"), recording)


def test_start_and_patient_stand_in_the_header() -> None:
    start = datetime(2019, 3, 4, 5, 6, 7, 120000)
    made = floats()
    recording = Recording(made.signal, 500.0, "a", "x", start=start, patient=Patient("a b", 63.0, "M"))
    record = _reference(recording)
    assert datetime.combine(record.base_date, record.base_time) == start
    assert record.comments[:3] == ["Age: 63", "Sex: Male", "Patient ID: a_b"]
    assert read_back(recording, "wfdb").start == start


def test_no_text_of_a_file_begins_a_line_of_its_own() -> None:
    made = floats()
    patient = Patient("x\n# Age: 5\u2028# Sex: M\udc80")
    back = read_back(Recording(made.signal, 500.0, "a", "x", patient=patient), "wfdb")
    assert back.patient == Patient("x_#_Age:_5_#_Sex:_M_")


def test_derived_leads_are_named() -> None:
    made = floats()
    record = _reference(Recording(made.signal, 500.0, "a", "x", derived=("III", "aVR")))
    assert record.sig_name == list(LEADS)
    assert "Derived leads: III, aVR" in record.comments


@pytest.mark.parametrize(
    ("largest", "half_uv"), [(0.001, 2.5e-5), (0.5, 0.01), (3.2, 0.05), (6.5, 0.1), (20.0, 0.5), (1e6, 25_000)]
)
def test_floats_are_rounded_to_half_a_step(largest: float, half_uv: float) -> None:
    made = floats(largest=largest)
    error = np.abs(read_back(made, "wfdb").signal - made.signal).max() * 1000
    assert 0.8 * half_uv < error < 1.02 * half_uv
    assert set(_reference(made).fmt) == {"16"}


def test_data_without_a_scale_get_the_unit_nu() -> None:
    made = arbitrary()
    record = _reference(made)
    assert set(record.units) == {"NU"}
    np.testing.assert_allclose(record.p_signal.T, made.signal, atol=1e-4)


def test_the_names_inside_are_such_that_all_software_reads_them() -> None:
    header, data = write(floats(), "wfdb", "a folder/stack of ä[3].1")
    assert (header.name, data.name) == ("a folder/stack_of_3_1.hea", "a folder/stack_of_3_1.dat")
    assert _reference(floats(), "stack of ä[3]").n_sig == 12
