"""MFER files against independent parses, and files of every layout read back exactly."""

import contextlib
import struct
import tracemalloc
import warnings
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UndeclaredError, UnreadableFileError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile
from backend.ecg.readers.mfer.reader import READER
from tests.samples import FORMATS, NO_SHARED, microvolts

FILE = FORMATS / "mfer" / "nihon_kohden_test-file.mwf"
REAL = pytest.mark.skipif(not FILE.is_file(), reason=NO_SHARED)
NUMBERS = dict(zip(LEADS, (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8), strict=True))
PREAMBLE = b"\x40\x20" + b"MFR Standard 12 leads ECG".ljust(32)


def one(data: bytes, options: ReadOptions | None = None, limits: Limits | None = None):
    files = FileSet((SourceFile("a.mwf", data),))
    assert READER.recognises(files)
    (recording,) = READER.read(files, options or ReadOptions(), limits or Limits())
    return recording


def tlv(tag: int, value: bytes) -> bytes:
    size = len(value)
    length = bytes((size,)) if size < 128 else b"\x84" + struct.pack(">I", size)
    return bytes((tag,)) + length + value


def scaled(tag: int, unit: int, exponent: int, mantissa: int, order: str = "<") -> bytes:
    return tlv(tag, struct.pack(order + "Bbh", unit, exponent, mantissa))


def channel(number: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return b"\x3f" + bytes((number, len(body))) + body


def mfer(
    rows, leads=LEADS, *, order="<", dtype="i2", kind=0, block=None, more=b"", preamble=PREAMBLE, sequences=None,
    interval=(1, -3, 2), sensitivity=(0, -6, 1), frames=1,
) -> bytes:  # fmt: skip
    """Return a file of (k, n) rows: the blocks of `block` samples of each channel in turn, in `frames` frames."""
    rows = np.asarray(rows)
    block = block or rows.shape[1] // frames
    out = preamble + tlv(1, b"\1" if order == "<" else b"\0") + more
    out += scaled(0x0B, *interval, order) if interval else b""
    out += scaled(0x0C, *sensitivity, order) if sensitivity else b""
    out += tlv(0x0A, bytes((kind,))) + tlv(4, struct.pack(order + "I", block)) + tlv(5, bytes((len(rows),)))
    for number, lead in enumerate(leads):
        out += channel(number, tlv(9, struct.pack(order + "H", NUMBERS.get(lead, lead))))
    for part in np.split(rows, frames, axis=1):
        n = part.shape[1] // block
        out += tlv(6, struct.pack(order + "I", n if sequences is None else sequences))
        table = part.reshape(len(rows), n, block).transpose(1, 0, 2)
        out += tlv(0x1E, np.ascontiguousarray(table).astype(order + dtype).tobytes())
    return out + b"\x80"


@REAL
def test_the_real_monitor_export_is_refused_and_names_its_leads():
    with pytest.raises(MissingLeadsError, match="the file has II, V5"):
        one(FILE.read_bytes())


@REAL
def test_the_real_monitor_export_as_a_partial_recording_equals_an_independent_parser():
    """The frame is 12 sequences of six blocks: II and V5 of 15000 samples first, no value is -32768."""
    from ecgdatakit.parsing.parser import FileParser

    recording = one(FILE.read_bytes(), ReadOptions(partial=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = {lead.label: lead for lead in FileParser().parse(FILE).leads}
    for lead in ("II", "V5"):
        np.testing.assert_allclose(recording.signal[LEADS.index(lead)], oracle[lead].samples, rtol=0, atol=1e-6)
    data = FILE.read_bytes()
    start = data.index(b"\x1e\x84") + 6
    first = np.frombuffer(data, "<i2", 15000, start)
    np.testing.assert_allclose(recording.signal[1, :15000], first * 0.002, rtol=1e-6)
    assert (recording.rate, recording.n_samples) == (250, 180000)
    assert recording.start == datetime(2019, 6, 19, 13, 20)
    assert (recording.patient.id, recording.patient.age, recording.patient.sex) == ("12345", None, None)
    assert recording.device.model == "NIHON KOHDEN CNS6000"
    assert "TRWRU" not in repr(recording)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("kind", "dtype"), [(0, "i2"), (2, "i4"), (7, "f4"), (8, "f8")])
@pytest.mark.parametrize("block", [1, 50, 500])
def test_every_layout_reads_back_exactly(order, kind, dtype, block):
    recording = one(mfer(microvolts(n=500), order=order, kind=kind, dtype=dtype, block=block))
    np.testing.assert_array_equal(np.rint(recording.signal * 1000), microvolts(n=500))
    assert recording.rate == 500
    assert (recording.step is None) == (dtype[0] == "f")
    assert recording.notes == ()


@pytest.mark.parametrize(("kind", "dtype", "low"), [(5, "i1", -100), (3, "u1", 0), (1, "u2", 0), (6, "u4", 0)])
def test_narrow_and_unsigned_samples(kind, dtype, low):
    rows = np.random.default_rng(0).integers(low, 127, (12, 64))
    recording = one(mfer(rows, kind=kind, dtype=dtype))
    np.testing.assert_array_equal(np.rint(recording.signal * 1000), rows)


def test_several_frames_of_one_layout_are_one_recording():
    recording = one(mfer(microvolts(n=600), frames=3, block=20))
    np.testing.assert_array_equal(np.rint(recording.signal * 1000), microvolts(n=600))


def test_the_rhythm_is_taken_and_the_average_beat_left_out():
    rhythm = mfer(microvolts(n=400), more=tlv(8, b"\1\0"))[:-1]
    beat = mfer(microvolts(seed=1, n=800), more=tlv(8, b"\x09\0"), preamble=b"")
    for data in (rhythm + beat, beat[:-1] + mfer(microvolts(n=400), more=tlv(8, b"\1\0"), preamble=b"")):
        recording = one(data if data[0] == 0x40 else PREAMBLE + data)
        np.testing.assert_array_equal(np.rint(recording.signal * 1000), microvolts(n=400))
        assert "Left out: 1 other part" in recording.notes[0]


def test_definitions_of_open_length_end_at_two_zeros():
    definite = mfer(microvolts(n=50))
    data = definite
    for number, lead in enumerate(LEADS):
        part = tlv(9, struct.pack("<H", NUMBERS[lead]))
        assert channel(number, part) in data
        data = data.replace(channel(number, part), b"\x3f" + bytes((number, 0x80)) + part + b"\0\0")
    assert data != definite
    np.testing.assert_array_equal(one(data).signal, one(definite).signal)


def test_no_value_and_offset_apply_to_each_sample():
    rows = microvolts(n=100).astype(int)
    rows[3, 10:20] = -32768
    recording = one(mfer(rows, more=tlv(0x12, b"\x00\x80") + tlv(0x0D, struct.pack("<h", 5))))
    assert np.isnan(recording.signal[3, 10:20]).all()
    assert np.isnan(recording.signal).sum() == 10
    np.testing.assert_array_equal(np.rint(recording.signal[0] * 1000), rows[0] + 5)


def test_the_leads_among_other_waves_at_another_rate():
    slow = channel(12, tlv(9, struct.pack("<H", 175)), tlv(4, struct.pack("<I", 25)), scaled(0x0B, 0, 0, 50))
    rows = microvolts(n=250)
    data = PREAMBLE + tlv(1, b"\1") + scaled(0x0B, 0, 0, 500) + scaled(0x0C, 0, -9, 1000)
    data += tlv(5, b"\x0d") + tlv(4, struct.pack("<I", 250))
    data += b"".join(channel(i, tlv(9, struct.pack("<H", NUMBERS[lead]))) for i, lead in enumerate(LEADS)) + slow
    data += tlv(0x1E, rows.astype("<i2").tobytes() + bytes(50))
    recording = one(data)
    np.testing.assert_array_equal(np.rint(recording.signal * 1000), rows)
    assert recording.rate == 500
    assert "lead number 175" in recording.notes[0]


def test_facts_are_read_by_allow_list():
    more = (
        tlv(3, b"UTF-16LE") + tlv(0x81, "Hidden^Person".encode("utf-16-le")) + tlv(0x82, "P-9".encode("utf-16-le"))
        + tlv(3, b"ANSI X3.4") + tlv(0x84, b"\2") + tlv(0x83, b"\xff\xff\xff" + struct.pack("<HBB", 1950, 1, 31))
        + tlv(0x85, struct.pack("<HBBBBBHH", 2020, 1, 30, 8, 9, 10, 0, 0)) + tlv(0x16, b"A remark on Hidden")
        + tlv(0x17, b"FUKUDA DENSHI^FCP-8800^1.0^SERIAL-3") + tlv(0x11, b"HPF=0.05") + tlv(0x11, b"LPF=150")
        + tlv(0x11, b"BEF=50^Hum filter")
    )  # fmt: skip
    recording = one(mfer(microvolts(n=100), more=more))
    assert (recording.patient.id, recording.patient.age, recording.patient.sex) == ("P-9", 69, "F")
    assert recording.start == datetime(2020, 1, 30, 8, 9, 10)
    assert recording.device.model == "FUKUDA DENSHI FCP-8800"
    assert (recording.device.high_pass, recording.device.low_pass, recording.device.notch) == (0.05, 150, 50)
    assert not any(word in repr(recording) for word in ("Hidden", "Person", "SERIAL", "remark"))


def test_a_file_without_preamble_is_recognised_by_its_definitions_and_other_files_are_not():
    assert one(mfer(microvolts(n=100), preamble=b"")).n_samples == 100
    for other in (
        b"I,II,III\n1,2,3\n",
        b"\x01\x00\x02",
        b"\x02\x00\x00\x00\x08\x00\x00\x00UL",
        bytes(500),
        b"\x0b\x03",
    ):
        assert not READER.recognises(FileSet((SourceFile("a", other),)))


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (mfer(microvolts(n=10), kind=9), UnreadableFileError, "data type 9"),
        (mfer(microvolts(n=10), more=tlv(0x0E, b"\1\0")), UnreadableFileError, "compressed"),
        (mfer(microvolts(n=10), sensitivity=(1, -3, 1)), UnreadableFileError, "not given in volts"),
        (mfer(microvolts(n=10), sensitivity=None), UndeclaredError, "Declare"),
        (mfer(microvolts(n=10), interval=(2, -3, 1)), UnreadableFileError, "not sampled in time"),
        (mfer(microvolts(n=10))[:-20], UnreadableFileError, "cut off"),
        (PREAMBLE + b"\x80", UnreadableFileError, "holds no waves"),
        (mfer(microvolts(n=10)[:2], leads=("II", "II")), MissingLeadsError, "named twice"),
        (mfer(microvolts(n=10)[:1], leads=(143,)), MissingLeadsError, "lead number 143"),
    ],
)
def test_what_cannot_be_read_is_refused_in_plain_words(data, kind, words):
    with pytest.raises(kind, match=words):
        one(data)


def test_defaults_of_the_format_are_noted_and_the_uploader_is_asked_for_the_rest():
    recording = one(mfer(microvolts(n=10), interval=None, sensitivity=None), ReadOptions(units_per_mv=1000))
    assert recording.rate == 1000
    assert recording.declared == ("unit",)
    assert "default of the format" in recording.notes[0]


def test_a_frame_with_fewer_samples_than_stated_says_so():
    recording = one(mfer(microvolts(n=100), block=10, sequences=12))
    assert recording.n_samples == 100
    assert "12 sequences are promised, 10 are there" in recording.notes[0]


def test_lying_numbers_take_no_memory():
    liars = [
        mfer(microvolts(n=10), block=10, sequences=4_000_000_000),
        mfer(microvolts(n=10), more=tlv(5, b"\xff\xff\xff\x7f")),
        mfer(microvolts(n=10)) .replace(tlv(4, struct.pack("<I", 10)), tlv(4, struct.pack("<I", 1 << 31))),
        PREAMBLE + tlv(5, b"\x00\x04") + (tlv(0x1E, bytes(2048)) * 300),
    ]  # fmt: skip
    tracemalloc.start()
    for data in liars:
        with contextlib.suppress(EcgError):
            assert one(data).n_samples <= 10
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150e6
    with pytest.raises(LimitError, match="more than 99 samples"):
        one(mfer(microvolts(n=100)), limits=Limits(samples=99))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_files_raise_nothing_but_ecg_errors(data):
    more = tlv(8, b"\1\0") + tlv(0x82, b"P") + tlv(0x83, bytes(7)) + tlv(0x85, bytes(11)) + tlv(0x12, b"\0\x80")
    content = mfer(microvolts(n=8), more=more, frames=2)
    damaged = bytearray(content[: data.draw(st.integers(40, len(content)))])
    places = st.tuples(st.integers(34, len(damaged) - 1), st.integers(0, 255))
    for where, value in data.draw(st.lists(places, max_size=4)):
        damaged[where] = value
    with contextlib.suppress(EcgError):
        assert one(bytes(damaged), ReadOptions(partial=True, units_per_mv=1)).n_samples <= 500


def pieces(*starts: int | None) -> tuple[bytes, np.ndarray]:
    """A file of frames of 100 samples, each with the number of its first sample where there is one."""
    rows = microvolts(n=100 * len(starts))
    head, *frames = mfer(rows, frames=len(starts)).split(tlv(6, struct.pack("<I", 1)))
    assert len(frames) == len(starts)
    out = head
    for start, frame in zip(starts, frames, strict=True):
        out += (b"" if start is None else tlv(7, struct.pack("<I", start))) + tlv(6, struct.pack("<I", 1)) + frame
    return out, rows


@pytest.mark.parametrize("starts", [(None, None, None), (0, 100, 200), (5000, 5100, 5200), (None, 100, None)])
def test_frames_that_follow_each_other_have_no_gap(starts):
    data, rows = pieces(*starts)
    recording = one(data)
    np.testing.assert_array_equal(np.rint(recording.signal * 1000), rows)
    assert recording.notes == ()


def test_samples_between_frames_are_missing():
    data, rows = pieces(1000, 1100, 1250)
    recording = one(data)
    assert recording.n_samples == 350
    assert np.isnan(recording.signal[:, 200:250]).all()
    kept = np.delete(recording.signal, np.s_[200:250], axis=1)
    np.testing.assert_array_equal(np.rint(kept * 1000), rows)
    assert "Gaps in the recording: 1; the 50 samples in them are missing." in recording.notes


@pytest.mark.parametrize("starts", [(0, 50, 100), (0, 0, 0), (0, 100, 4_000_000_000)])
def test_frames_at_impossible_places_are_joined_with_a_note(starts):
    data, rows = pieces(*starts)
    recording = one(data)
    np.testing.assert_array_equal(np.rint(recording.signal * 1000), rows)
    assert "joined as they stand" in recording.notes[0]
