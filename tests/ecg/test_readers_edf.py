"""EDF and BDF against pyedflib, and what odd or damaged files get."""

import contextlib
import tracemalloc
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyedflib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UndeclaredError, UnreadableFileError
from backend.ecg.findings import check
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile
from backend.ecg.readers.edf.reader import READER
from tests.samples import FORMATS, NO_SHARED, microvolts

FOLDER = FORMATS / "edf"
REAL = pytest.mark.skipif(not FOLDER.is_dir(), reason=NO_SHARED)


def one(data: bytes, options: ReadOptions | None = None, limits: Limits | None = None):
    files = FileSet((SourceFile("a.edf", data),))
    assert READER.recognises(files)
    (recording,) = READER.read(files, options or ReadOptions(), limits or Limits())
    return recording


def field(text: object, width: int) -> bytes:
    return str(text).encode("latin-1").ljust(width)[:width]


def edf(
    signals,
    records,
    *,
    duration=1,
    stated=None,
    kind="",
    patient="X X X X",
    start="Startdate X X X X",
    width=2,
    **fields,
) -> bytes:
    """Return a file: `signals` are (label, unit, physical range, digital range, samples a record), `records` bytes."""
    head = b"\xffBIOSEMI" if width == 3 else field(0, 8)
    head += field(patient, 80) + field(start, 80) + field("03.02.21", 8) + field("04.05.06", 8)
    head += field(256 * (len(signals) + 1), 8) + field(kind, 44)
    head += field(len(records) if stated is None else stated, 8) + field(duration, 8) + field(len(signals), 4)
    columns = [
        [field(s[0], 16) for s in signals], [field("", 80)] * len(signals), [field(s[1], 8) for s in signals],
        [field(s[2][0], 8) for s in signals], [field(s[2][1], 8) for s in signals],
        [field(s[3][0], 8) for s in signals], [field(s[3][1], 8) for s in signals],
        [field(fields.get("filters", ""), 80)] * len(signals), [field(s[4], 8) for s in signals],
        [field("", 32)] * len(signals),
    ]  # fmt: skip
    return head + b"".join(b"".join(column) for column in columns) + b"".join(records)


def twelve(n_records=3, per_record=100, names=LEADS, unit="uV", extra=(), extra_bytes=b"", **more) -> bytes:
    whole = microvolts(n=n_records * per_record)
    records = [
        whole[:, i * per_record : (i + 1) * per_record].astype("<i2").tobytes() + extra_bytes for i in range(n_records)
    ]
    signals = [(name, unit, (-32768, 32767), (-32768, 32767), per_record) for name in names]
    return edf([*signals, *extra], more.pop("records", records), **more)


@REAL
def test_the_real_twelve_lead_file_equals_pyedflib():
    path = FOLDER / "contec_0000050.edf"
    recording = one(path.read_bytes())
    with pyedflib.EdfReader(str(path)) as oracle:
        for index, lead in enumerate(oracle.getSignalLabels()):
            row = recording.signal[LEADS.index(lead)]
            np.testing.assert_allclose(row, oracle.readSignal(index), rtol=1e-6, atol=1e-6)
        assert (recording.rate, recording.n_samples) == (800, oracle.getNSamples()[0])
    assert recording.start == datetime(2020, 11, 16, 21, 44, 39)
    assert recording.patient.id is None
    stored = recording.signal / recording.step[:, None]
    np.testing.assert_allclose(stored, np.rint(stored), atol=1e-2)
    assert not {"einthoven", "goldberger"} & {finding.code for finding in check(recording)}


@REAL
def test_real_files_without_an_ecg_are_refused_and_say_why():
    with pytest.raises(UnreadableFileError, match="annotations only, no ECG signal"):
        one((FOLDER / "wfdb_test_edfann.edf").read_bytes())
    with pytest.raises(MissingLeadsError, match=r"none of the twelve leads \(sine 2\.5Hz, square"):
        one((FOLDER / "test_generator_datarec_generator_2.bdf").read_bytes(), ReadOptions(partial=True))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_files_written_by_pyedflib_read_back_to_the_resolution(tmp_path: Path, data):
    bdf = data.draw(st.booleans())
    digital = (-(1 << 23), (1 << 23) - 1) if bdf else (-32768, 32767)
    top, bottom = data.draw(st.integers(100, 99999)), data.draw(st.integers(-99999, 50))
    unit, factor = data.draw(st.sampled_from([("uV", 1e-3), ("mV", 1.0), ("V", 1e3), ("nV", 1e-6)]))
    rate = data.draw(st.sampled_from([100, 250, 500]))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    path = tmp_path / ("a.bdf" if bdf else "a.edf")
    kind = pyedflib.FILETYPE_BDFPLUS if bdf else pyedflib.FILETYPE_EDFPLUS
    with pyedflib.EdfWriter(str(path), 12, kind) as writer:
        for index, lead in enumerate(LEADS):
            writer.setSignalHeader(
                index,
                {"label": f"ECG {lead}", "dimension": unit, "sample_frequency": rate, "physical_max": top,
                 "physical_min": bottom, "digital_max": digital[1], "digital_min": digital[0],
                 "prefilter": "HP:0.05Hz LP:150Hz N:50Hz", "transducer": ""},
            )  # fmt: skip
        writer.setPatientCode("code-7")
        writer.setPatientName("Somebody_Secret")
        writer.setSex(0)
        writer.setBirthdate(date(1950, 6, 2))
        writer.setStartdatetime(datetime(2020, 6, 1, 10, 11, 12))
        writer.writeSamples([random.uniform(bottom, top, 2 * rate) for _ in LEADS])
    recording = one(path.read_bytes())
    step = (top - bottom) / (digital[1] - digital[0]) * factor
    with pyedflib.EdfReader(str(path)) as oracle:
        expected = np.array([oracle.readSignal(i) for i in range(12)]) * factor
    np.testing.assert_allclose(recording.signal, expected, rtol=1e-6, atol=step / 4)
    assert (recording.rate, recording.n_samples, recording.stated_samples) == (rate, 2 * rate, 2 * rate)
    assert (recording.patient.id, recording.patient.age, recording.patient.sex) == ("code-7", 69, "F")
    assert recording.start == datetime(2020, 6, 1, 10, 11, 12)
    assert (recording.device.high_pass, recording.device.low_pass, recording.device.notch) == (0.05, 150, 50)
    assert "Secret" not in repr(recording)


@pytest.mark.parametrize(
    "names", [LEADS, [f"ECG {lead}" for lead in LEADS], [f"EKG {x}" for x in LEADS], [f"Lead {x}" for x in LEADS]]
)
@pytest.mark.parametrize("unit", ["uV", "µV", "UV"])
def test_labels_and_units_in_any_spelling(names, unit):
    recording = one(twelve(names=names, unit=unit))
    np.testing.assert_array_equal(np.rint(recording.signal * 1000), microvolts(n=300))
    np.testing.assert_allclose(recording.step, 0.001)
    assert recording.notes == ()


def test_zero_between_two_steps_is_kept_exactly_in_half_steps():
    signals = [(lead, "mV", (-5, 5), (-32768, 32767), 4) for lead in LEADS]
    raw = np.arange(-24, 24, dtype="<i2").reshape(12, 4)
    recording = one(edf(signals, [raw.tobytes()], duration="0.008"))
    step = 10 / 65535
    np.testing.assert_allclose(recording.signal, (raw + 0.5) * step, rtol=1e-6)
    np.testing.assert_allclose(recording.step, step / 2)
    assert recording.rate == 500


def test_a_range_without_a_whole_zero_is_read_as_numbers():
    signals = [(lead, "mV", (-1, 2.0001), (0, 1000), 4) for lead in LEADS]
    raw = np.arange(48, dtype="<i2").reshape(12, 4)
    recording = one(edf(signals, [raw.tobytes()], duration="0.008"))
    np.testing.assert_allclose(recording.signal, raw * 3.0001e-3 - 1, rtol=1e-5)
    assert recording.step is None


def test_eight_leads_are_completed_and_other_signals_left_out():
    kept = [0, 1, *range(6, 12)]
    whole = microvolts(n=200)
    signals = [(LEADS[i], "uV", (-32768, 32767), (-32768, 32767), 100) for i in kept]
    extra = [("SpO2", "%", (0, 100), (0, 100), 10), ("V1", "uV", (-1, 1), (-100, 100), 50)][:1]
    records = [whole[kept, i : i + 100].astype("<i2").tobytes() + bytes(20) for i in (0, 100)]
    recording = one(edf([*signals, *extra], records))
    np.testing.assert_array_equal(np.rint(recording.signal * 1000), whole[:, :200])
    assert recording.derived == ("III", "aVR", "aVL", "aVF")
    assert "SpO2" in recording.notes[0]


def test_leads_of_another_rate_are_left_out_with_a_note():
    whole = microvolts(n=100)
    signals = [(lead, "uV", (-32768, 32767), (-32768, 32767), 50 if lead == "aVF" else 100) for lead in LEADS]
    rows = [row[::2] if lead == "aVF" else row for lead, row in zip(LEADS, whole, strict=True)]
    recording = one(edf(signals, [b"".join(row.astype("<i2").tobytes() for row in rows)]))
    assert recording.derived == ("aVF",)
    assert "another sampling rate than the other leads: aVF" in recording.notes[0]


def annotation(onset: float) -> bytes:
    return f"+{onset:.1f}\x14\x14".encode().ljust(20, b"\0")


@pytest.mark.parametrize("kind", ["EDF+C", "EDF+D"])
def test_annotations_and_status_beside_the_leads(kind):
    whole = microvolts(n=300)
    records = [whole[:, 100 * i : 100 * i + 100].astype("<i2").tobytes() + annotation(i) for i in range(3)]
    extra = [("EDF Annotations", "", (-1, 1), (-32768, 32767), 10)]
    recording = one(twelve(extra=extra, records=records, kind=kind))
    np.testing.assert_array_equal(np.rint(recording.signal * 1000), whole)
    assert recording.notes == ()


def test_breaks_of_a_discontinuous_file_are_missing_samples():
    whole = microvolts(n=300)
    onsets = (5, 6, 7.5)
    records = [
        whole[:, 100 * i : 100 * i + 100].astype("<i2").tobytes() + annotation(onset) for i, onset in enumerate(onsets)
    ]
    extra = [("EDF Annotations", "", (-1, 1), (-32768, 32767), 10)]
    recording = one(twelve(extra=extra, records=records, kind="EDF+D"))
    assert recording.n_samples == 350
    assert np.isnan(recording.signal[:, 200:250]).all()
    np.testing.assert_array_equal(np.rint(recording.signal[:, 250:] * 1000), whole[:, 200:])
    assert "Breaks in the recording: 1;" in recording.notes[0]
    for bad, words in (((0, 1, 1.5), "overlap"), ((0, 1, 9e9), "breaks far longer")):
        damaged = [record[:-20] + annotation(onset) for record, onset in zip(records, bad, strict=True)]
        with pytest.raises(EcgError, match=words):
            one(twelve(extra=extra, records=damaged, kind="EDF+D"))
    with pytest.raises(UnreadableFileError, match="does not say when"):
        one(twelve(extra=extra, records=[record[:-20] + bytes(20) for record in records], kind="EDF+D"))


def test_bdf_of_24_bits_with_its_status_channel():
    random = np.random.default_rng(0)
    raw = random.integers(-(1 << 23), 1 << 23, (13, 50))
    triples = raw.astype("<i4").view(np.uint8).reshape(13, 50, 4)[:, :, :3].tobytes()
    signals = [(lead, "uV", (-262144, 262143.97), (-8388608, 8388607), 50) for lead in LEADS]
    recording = one(edf([*signals, ("Status", "Boolean", (-1, 1), (-5, 5), 50)], [triples], width=3, duration=0.1))
    np.testing.assert_allclose(recording.signal, raw[:12] * 0.03125e-3, rtol=1e-5, atol=5e-5)
    assert "Status" in recording.notes[0]


def test_a_file_that_breaks_off_is_read_as_far_as_it_goes_and_says_so():
    recording = one(twelve(n_records=3)[:-1])
    assert (recording.n_samples, recording.stated_samples) == (200, 300)
    assert "cut off" in recording.notes[0]
    with pytest.raises(UnreadableFileError, match="cut off"):
        one(twelve(n_records=1)[:-1])


def test_an_unknown_number_of_records_is_counted():
    recording = one(twelve(stated=-1))
    assert recording.n_samples == 300
    assert "3 are there" in recording.notes[0]
    assert recording.stated_samples is None


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"unit": "bpm"}, UndeclaredError, "no voltage"),
        ({"unit": ""}, UndeclaredError, "Declare"),
        ({"duration": 0}, UnreadableFileError, "duration of 0 s"),
        ({"duration": "soon"}, UnreadableFileError, "no readable duration"),
        ({"stated": 0}, UnreadableFileError, "no data records"),
        ({"names": ("I", "II", "I", *LEADS[3:])}, MissingLeadsError, "named twice"),
    ],
)
def test_what_cannot_be_read_is_refused_in_plain_words(change, kind, words):
    with pytest.raises(kind, match=words):
        one(twelve(**change))


def test_an_undeclared_unit_is_taken_from_the_uploader():
    recording = one(twelve(unit=""), ReadOptions(units_per_mv=1000))
    np.testing.assert_array_equal(np.rint(recording.signal * 1000), microvolts(n=300))
    assert recording.declared == ("unit",)


def test_lying_headers_take_no_memory():
    signals = [(lead, "uV", (-32768, 32767), (-32768, 32767), 99_999_999) for lead in LEADS]
    many = [("I", "uV", (-1, 1), (-1, 1), 1)] * 9999
    tracemalloc.start()
    for data in (edf(signals, [bytes(5000)], stated=99_999_999), edf(many, [bytes(20_000)])):
        with pytest.raises(EcgError):
            one(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6
    with pytest.raises(LimitError, match="at most 299"):
        one(twelve(), limits=Limits(samples=299))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_files_raise_nothing_but_ecg_errors(data):
    extra = [("EDF Annotations", "", (-1, 1), (-32768, 32767), 10)]
    records = [microvolts(n=10).astype("<i2").tobytes() + annotation(i) for i in range(2)]
    content = twelve(per_record=10, extra=extra, records=records, kind="EDF+D")
    damaged = bytearray(content[: data.draw(st.integers(256, len(content)))])
    place = st.integers(168, len(damaged) - 1)
    for where, value in data.draw(st.lists(st.tuples(place, st.sampled_from(b"0-+9. X\0\xff\x14")), max_size=4)):
        damaged[where] = value
    files = FileSet((SourceFile("a.edf", bytes(damaged)),))
    if READER.recognises(files):
        with contextlib.suppress(EcgError):
            assert READER.read(files, ReadOptions(partial=True, units_per_mv=1), Limits())[0].n_samples <= 2000
