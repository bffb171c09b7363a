"""WFDB records against the wfdb package, as an oracle, and what damaged ones get."""

import re
from datetime import datetime

import numpy as np
import pytest
import wfdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.ecg.errors import (
    IncompleteSetError,
    LimitError,
    MissingLeadsError,
    UndeclaredError,
    UnreadableFileError,
)
from backend.ecg.findings import check
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, group, read
from backend.ecg.readers.wfdb.reader import read_wfdb_signals
from tests.ecg.wfdb_files import FORMATS, ramp, record, written

real = pytest.mark.skipif(not FORMATS.exists(), reason="the real files of ../shared/data are not here")
SINGLE = ["wfdb/00001_hr", "wfdb/00001_lr", "wfdb/ludb_1", "wfdb/code15_1111", "wfdb_mat/A0001", "wfdb_mat/Q0001"]
SINGLE += ["wfdb_mat/HR00001"]
ANY = ["wfdb/100", "wfdb/310derive", "wfdb/binformats", "wfdb/flacformats", *SINGLE]


def with_header(files: FileSet, change: str, to: str, count: int = 0) -> FileSet:
    header = re.sub(change, to, files.main.data.decode(), count=count, flags=re.MULTILINE)
    return FileSet((SourceFile(files.name, header.encode()), *files.files[1:]))


@real
@pytest.mark.parametrize("name", ANY)
def test_every_real_record_equals_rdrecord(name):
    ours = read_wfdb_signals(record(FORMATS / name))
    theirs = wfdb.rdrecord(str(FORMATS / name))
    np.testing.assert_allclose(ours.signals, theirs.p_signal, rtol=0, atol=1e-6, equal_nan=True)
    assert list(ours.units) == theirs.units
    assert ours.rate == theirs.fs
    assert [n for n in ours.names if n] == [n for n in theirs.sig_name if n]


@real
@pytest.mark.parametrize("name", SINGLE)
def test_twelve_lead_records_are_mv_in_canonical_order_and_equal_rdrecord(name):
    (recording,) = read(record(FORMATS / name))
    theirs = wfdb.rdrecord(str(FORMATS / name))
    by_name = {lead.lower(): theirs.p_signal[:, i] for i, lead in enumerate(theirs.sig_name)}
    for row, lead in zip(recording.signal, LEADS, strict=True):
        np.testing.assert_allclose(row, by_name[lead.lower()], rtol=0, atol=1e-6)
    assert recording.format == "wfdb"
    assert recording.rate == theirs.fs
    assert recording.derived == ()


@real
def test_patient_and_start_come_from_the_comments_and_the_record_line():
    (a,) = read(record(FORMATS / "wfdb_mat/A0001"))
    assert (a.patient.age, a.patient.sex, a.start) == (74, "M", datetime(2020, 5, 12, 12, 33, 59))
    (b,) = read(record(FORMATS / "wfdb/code15_1111"))
    assert (b.patient.id, b.patient.age, b.patient.sex) == ("48705", 43, "M")
    (c,) = read(record(FORMATS / "wfdb/ludb_1"))
    assert (c.patient.age, c.patient.sex) == (51, "F")


@real
def test_gains_that_normalise_each_lead_are_kept_and_einthoven_warns():
    (recording,) = read(record(FORMATS / "wfdb/ludb_1"))
    assert "einthoven" in [finding.code for finding in check(recording)]


@real
def test_a_record_without_twelve_leads_is_refused_with_the_leads_it_lacks():
    with pytest.raises(MissingLeadsError, match=r"100\.hea: The leads I, II.* are missing.*has V5"):
        read(record(FORMATS / "wfdb/100"))


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fmt=st.sampled_from(["16", "212", "80", "24", "32"]),
    n=st.integers(1, 67),
    k=st.integers(1, 13),
    gain=st.sampled_from([200.0, 1000.0, 204.8, 1 / 3]),
    baseline=st.integers(-50, 50),
    seed=st.integers(0, 99),
)
def test_what_wfdb_writes_is_read_as_wfdb_reads_it(tmp_path, fmt, n, k, gain, baseline, seed):
    bits = {"80": 8, "212": 12, "16": 16, "24": 24, "32": 32}[fmt]
    d = np.random.default_rng(seed).integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (n, k))
    names = [f"s{i}" for i in range(k)]
    files = written(tmp_path, d, fmt, gain, baseline=[baseline] * k, sig_name=names, units=["uV"] * k)
    theirs = wfdb.rdrecord(str(tmp_path / "rec"))
    ours = read_wfdb_signals(files)
    np.testing.assert_allclose(ours.signals, theirs.p_signal, rtol=1e-12, atol=1e-9, equal_nan=True)
    assert ours.names == tuple(names)


@pytest.mark.parametrize(
    ("unit", "mv"), [("mV", 1.0), ("mv", 1.0), ("uV", 1e-3), ("µV", 1e-3), ("V", 1e3), ("nV", 1e-6)]
)
def test_units_are_converted_to_mv(tmp_path, unit, mv):
    files = with_header(written(tmp_path, ramp(), gain=7.0), r"/mV", f"/{unit}")
    (recording,) = read(files)
    np.testing.assert_allclose(recording.signal, ramp().T / 7 * mv, rtol=1e-6)


def test_an_unknown_unit_of_a_lead_is_refused_and_of_another_signal_is_left_out(tmp_path):
    files = written(tmp_path, ramp(k=13), sig_name=[*LEADS, "resp"], units=["mV"] * 12 + ["NU"])
    (recording,) = read(files)
    assert any("resp" in note for note in recording.notes)
    with pytest.raises(UndeclaredError, match="'mmHg', which is no voltage"):
        read(with_header(files, r"/mV", "/mmHg"))


@pytest.mark.parametrize(
    ("field", "gain", "baseline"),
    [
        ("1000.0(0)/mV 16 5", 1000, 0),
        ("0 16 7", 200, 7),
        ("500 16 -3", 500, -3),
        ("2.5e2(10)", 250, 10),
        ("100(-4)/mV", 100, -4),
        ("", 200, 0),
    ],
)
def test_gain_baseline_and_units_have_the_defaults_of_the_format(field, gain, baseline):
    data = ramp(4, 1).astype("<i2").tobytes()
    header = f"r 1 500 4\nr.dat 16 {field}\n".encode()
    signals = read_wfdb_signals(FileSet((SourceFile("r.hea", header), SourceFile("r.dat", data))))
    np.testing.assert_allclose(signals.signals, (ramp(4, 1) - baseline) / gain)
    assert signals.units == ("mV",)


@pytest.mark.parametrize(
    ("line", "rate", "start"),
    [
        ("r 12 250.5/360(12.5) 50 10:20:30.5 01/02/2003", 250.5, datetime(2003, 2, 1, 10, 20, 30, 500000)),
        ("r 12 500 50 12-May-2020 12:33:59", 500, datetime(2020, 5, 12, 12, 33, 59)),
        ("r 12 500 50 12:33:59", 500, None),
        ("r 12 500 50 12:33:59 31/02/2020", 500, None),
        ("r 12", 250, None),
    ],
)
def test_the_forms_of_the_record_line(tmp_path, line, rate, start):
    files = with_header(written(tmp_path, ramp()), r"\Arec .*$", line)
    (recording,) = read(files)
    assert (recording.rate, recording.start, recording.n_samples) == (rate, start, 50)


def test_signals_of_one_higher_rate_are_read_at_it_and_mixed_rates_are_refused(tmp_path):
    wfdb.wrsamp(
        "rec", fs=250, e_d_signal=[column.copy() for column in ramp(100).T], samps_per_frame=[2] * 12,
        units=["mV"] * 12, sig_name=list(LEADS), fmt=["16"] * 12, adc_gain=[100] * 12, baseline=[0] * 12,
        write_dir=str(tmp_path),
    )  # fmt: skip
    files = record(tmp_path / "rec")
    (recording,) = read(files)
    theirs = wfdb.rdrecord(str(tmp_path / "rec"), smooth_frames=False)
    assert recording.rate == 500
    np.testing.assert_allclose(recording.signal, np.array(theirs.e_p_signal), atol=1e-6)
    with pytest.raises(UnreadableFileError, match="different sampling rates"):
        read(with_header(files, r"16x2", "16", count=1))


def test_skewed_signals_are_shifted_as_wfdb_does(tmp_path):
    files = with_header(written(tmp_path, ramp()), r"^rec.dat 16 (.* II)$", r"rec.dat 16:3 \1")
    (tmp_path / "rec.hea").write_bytes(files.main.data)
    theirs = wfdb.rdrecord(str(tmp_path / "rec")).p_signal
    np.testing.assert_allclose(read_wfdb_signals(files).signals, theirs, atol=1e-9, equal_nan=True)
    assert np.isnan(theirs[-3:, 1]).all()


def test_samples_without_a_value_become_nan(tmp_path):
    d = ramp().astype(np.int64)
    d[10:20, 3] = -32768
    (recording,) = read(written(tmp_path, d))
    assert np.isnan(recording.signal[3, 10:20]).all()
    assert np.isnan(recording.signal).sum() == 10


def test_a_wrong_checksum_is_noted_and_does_not_refuse_the_record(tmp_path):
    files = written(tmp_path, ramp())
    assert read(files)[0].notes == ()
    changed = bytearray(files.files[1].data)
    changed[2] ^= 1
    (recording,) = read(FileSet((files.main, SourceFile("rec.dat", bytes(changed)))))
    assert any("checksum of II differs" in note for note in recording.notes)


def test_a_truncated_signal_file_is_refused_with_both_sizes(tmp_path):
    files = written(tmp_path, ramp())
    short = FileSet((files.main, SourceFile("rec.dat", files.files[1].data[:-1])))
    with pytest.raises(UnreadableFileError, match=r"rec\.dat is cut off: .*1,200 bytes.*has 1,199.*Copy it again"):
        read(short)


def test_a_header_alone_and_samples_alone_say_what_is_missing(tmp_path):
    files = written(tmp_path, ramp())
    with pytest.raises(IncompleteSetError, match=r"rec\.hea needs rec\.dat.*Upload the two together"):
        read(FileSet((files.main,)))
    with pytest.raises(IncompleteSetError, match=r"rec\.dat holds samples without a header.*\.hea is missing"):
        read(FileSet((files.files[1],)))


@pytest.mark.parametrize(
    ("header", "error", "words"),
    [
        ("rec/3 12 500 5000\nrec_1 2500\nrec_2 2500\n~ 10\n", IncompleteSetError, r"needs rec_1\.hea.*missing"),
        ("rec 12 500 50\nrec.dat 16 1000\n", UnreadableFileError, "announces 12 signals and describes 1"),
        ("rec 1 500 50\nrec.dat 16 1e999/mV\n", UnreadableFileError, "impossible gain"),
        ("rec 1 500 0\nrec.dat 16 1000/mV\n", UnreadableFileError, "holds no samples"),
        ("rec 1 500 99999999999\nrec.dat 16 1000/mV\n", LimitError, "at most"),
        ("rec 1 500 9\nrec.dat 16+999999 1000/mV\n", UnreadableFileError, "cut off"),
    ],
)
def test_impossible_headers_are_refused(header, error, words):
    with pytest.raises(error, match=words):
        read(FileSet((SourceFile("rec.hea", header.encode()), SourceFile("rec.dat", b""))))


def test_a_header_is_known_by_its_content_whatever_its_name(tmp_path):
    files = written(tmp_path, ramp())
    renamed = group([SourceFile("x/Ä b#?.txt", files.main.data), SourceFile("x/rec.dat", files.files[1].data)])
    assert [len(s.files) for s in renamed] == [2]
    assert read(renamed[0])[0].name == "x/Ä b#?.txt"


def test_unnamed_signals_are_placed_by_position_with_a_note(tmp_path):
    files = with_header(written(tmp_path, ramp()), r" (I{1,3}|aV.|V\d)$", "")
    (recording,) = read(files)
    np.testing.assert_allclose(recording.signal, ramp().T / 1000, atol=1e-7)
    assert any("names no leads" in note for note in recording.notes)


def test_the_rate_of_the_header_goes_before_a_declared_one_with_a_note(tmp_path):
    (recording,) = read(written(tmp_path, ramp()), ReadOptions(rate=100))
    assert recording.rate == 500
    assert any("declared 100 Hz was not used" in note for note in recording.notes)


def test_leads_in_any_order_and_spelling_land_by_name(tmp_path):
    """The original platform inverted the permutation when it reordered leads by header."""
    order = ["V6", "ii", "AVF", "Lead V1", "I", "avr", "V3", "iii", "v2", "aVL", "V5", "V4"]
    d = np.arange(12)[None] * np.ones((50, 1), int) + ramp(50, 1)
    (recording,) = read(written(tmp_path, d, gain=1.0, sig_name=order))
    expected = {"V6": 0, "II": 1, "aVF": 2, "V1": 3, "I": 4, "aVR": 5, "V3": 6, "III": 7, "V2": 8, "aVL": 9, "V5": 10}
    for row, lead in zip(recording.signal, LEADS, strict=True):
        np.testing.assert_array_equal(row, d[:, expected.get(lead, 11)])


def test_limits_hold_for_samples(tmp_path):
    with pytest.raises(LimitError, match="at most 49 are read"):
        read(written(tmp_path, ramp()), limits=Limits(samples=49))
