"""EDF+ out: our reader and EDFlib (through pyedflib) read back what was written."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyedflib
import pytest
from hypothesis import assume, given, settings

from backend.ecg.errors import UnwritableError
from backend.ecg.recording import DeviceFacts, Patient, Recording
from backend.ecg.writers import write
from backend.ecg.writers.edf_scale import find_scale, record_of
from tests.samples import LEADS
from tests.written import Case, arbitrary, assert_same, cases, floats, read_back

EASY = (100.0, 125.0, 200.0, 250.0, 400.0, 500.0, 1000.0)


def _counts(n: int = 5000, rate: float = 500.0, top: int = 1000, **facts) -> Recording:
    counts = np.random.default_rng(n).integers(-top, top, (12, n), endpoint=True)
    return Recording((counts / 1000).astype(np.float32), rate, "a.csv", "csv", step=np.full(12, 0.001), **facts)


def _by_edflib(recording: Recording) -> dict:
    (file,) = write(recording, "edf", "written")
    with TemporaryDirectory() as folder:
        path = Path(folder) / file.name
        path.write_bytes(file.data)
        with pyedflib.EdfReader(str(path)) as reader:
            labels = reader.getSignalLabels()
            return {
                "labels": labels,
                "signals": {label: reader.readSignal(i) for i, label in enumerate(labels)},
                "rates": set(reader.getSampleFrequencies().tolist()),
                "units": {label: reader.getPhysicalDimension(i) for i, label in enumerate(labels)},
                "header": reader.getHeader(),
                "filters": reader.getPrefilter(0),
                "start": reader.getStartdatetime(),
                "fraction": reader.starttime_subsecond,
            }


@settings(max_examples=40, deadline=None)
@given(cases(gaps=False))
def test_our_reader_reads_back_the_same_recording_or_it_is_not_written(case: Case) -> None:
    try:
        back = read_back(case.recording, "edf")
    except UnwritableError:
        assume(False)
    assert back.rate == pytest.approx(case.recording.rate, abs=5e-7)
    back = Recording(back.signal, case.recording.rate, back.name, back.format, missing=back.missing)
    assert_same(back, case.recording)


@settings(max_examples=30, deadline=None)
@given(cases(gaps=False, rates=EASY))
def test_edflib_reads_the_source_values(case: Case) -> None:
    read = _by_edflib(case.recording)
    assert read["labels"] == [f"ECG {lead}" for lead in LEADS if lead not in case.recording.missing]
    assert read["rates"] == {case.recording.rate}
    for lead in case.names:
        wanted = case.millivolts(lead) * {"uV": 1000, "mV": 1}[read["units"][f"ECG {lead}"]]
        np.testing.assert_allclose(read["signals"][f"ECG {lead}"], wanted, rtol=1e-9, atol=1e-9 * np.abs(wanted).max())


@settings(max_examples=10, deadline=None)
@given(cases(gaps=False, rates=EASY, largest=4_000_000))
def test_samples_of_more_than_16_bits_are_written_as_bdf(case: Case) -> None:
    try:
        (file,) = write(case.recording, "edf", "written")
    except UnwritableError:
        assume(False)
    wide = np.abs(case.samples).max() > 32_767 // 4
    assert file.name == ("written.bdf" if file.data[0] == 0xFF else "written.edf")
    assert wide or file.name == "written.edf"
    assert_same(read_back(case.recording, "edf"), case.recording)
    read = _by_edflib(case.recording)
    assert len(read["labels"]) == 12 - len(case.recording.missing)


@pytest.mark.parametrize("rate", [*EASY, 128.0, 256.0, 512.0, 300.0, 360.0, 977.0])
def test_ten_seconds_at_any_usual_rate_can_be_written(rate: float) -> None:
    made = _counts(int(10 * rate), rate)
    assert_same(read_back(made, "edf"), made)
    read = _by_edflib(made)
    assert read["rates"] == {rate}
    np.testing.assert_allclose(read["signals"]["ECG V6"], made.signal[11].astype(float) * 1000, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("n", "rate"), [(5000, 500.0), (4999, 500.0), (1, 250.0), (3600, 360.0), (7, 1000 / 3)])
def test_records_are_whole_and_state_the_rate(n: int, rate: float) -> None:
    samples, duration = record_of(n, rate)
    assert n % samples == 0
    assert samples / float(duration) == rate
    assert len(duration) <= 8


def test_a_length_that_no_record_divides_is_refused_with_a_remedy() -> None:
    with pytest.raises(UnwritableError, match=r"3,607 samples at 360 Hz exactly.*wfdb"):
        write(_counts(3607, 360.0), "edf", "x")


@pytest.mark.parametrize("step_uv", [0.1, 1.0, 2.5, 4.88, 4.8828125, 1000 / 3, 5.0, 0.5, 2.4414])
def test_the_range_states_the_step_exactly(step_uv: float) -> None:
    scale = find_scale(step_uv / 1000, 20_000, 16)
    factor = {"uV": 1, "mV": 1000}[scale.unit]
    assert float(scale.physical) / scale.digital * factor == pytest.approx(step_uv, rel=1e-12)
    assert len(f"-{scale.physical}") <= 8
    assert 20_000 <= scale.digital <= 32_767


def test_a_step_that_the_header_cannot_state_is_refused() -> None:
    with pytest.raises(UnwritableError, match=r"3\.14159 µV.*wfdb"):
        find_scale(np.pi / 1000, 32_000, 16)


def test_the_header_says_what_is_known_and_no_more() -> None:
    made = _counts(
        start=datetime(2021, 12, 3, 4, 5, 6),
        patient=Patient("p 1", 63.0, "F"),
        device=DeviceFacts(model="Cardio ä12", high_pass=0.05, low_pass=150.0, notch=50.0),
    )
    (file,) = write(made, "edf", "written")
    assert file.data[8:88].rstrip() == b"p_1 F X X"
    assert file.data[88:168].rstrip() == b"Startdate 03-DEC-2021 X X Cardio_?12"
    read = _by_edflib(made)
    assert read["start"] == made.start
    assert read["header"]["patientcode"] == "p 1"  # as it shows underscores
    assert read["header"]["patientname"] in ("", "X")
    assert read["filters"] == "HP:0.05Hz LP:150Hz N:50Hz"
    back = read_back(made, "edf")
    assert (back.start, back.patient) == (made.start, Patient("p_1", None, "F"))
    assert (back.device.high_pass, back.device.low_pass, back.device.notch) == (0.05, 150.0, 50.0)


def test_what_is_unknown_is_read_back_as_unknown() -> None:
    back = read_back(_counts(), "edf")
    assert (back.start, back.patient) == (None, Patient())


def test_the_fraction_of_a_second_stands_in_the_first_record() -> None:
    made = _counts(1000, start=datetime(2021, 12, 3, 4, 5, 6, 250000))
    assert _by_edflib(made)["fraction"] == 2_500_000  # times 100 ns


def test_floats_are_rounded_to_half_a_step() -> None:
    made = floats(largest=3.2)
    assert np.abs(read_back(made, "edf").signal - made.signal).max() <= 0.051e-3


def test_missing_samples_are_refused_with_a_remedy() -> None:
    made = _counts()
    made.signal[2, 7] = np.nan
    with pytest.raises(UnwritableError, match=r"samples are missing.*wfdb"):
        write(made, "edf", "x")


def test_data_without_a_scale_are_refused_with_a_remedy() -> None:
    with pytest.raises(UnwritableError, match="has no mV scale"):
        write(arbitrary(), "edf", "x")
