"""SCP-ECG: real records against independent decoders, and records of every coding read back exactly."""

import contextlib
import struct
import tracemalloc
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UnreadableFileError, UnsupportedFormatError
from backend.ecg.findings import check
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile
from backend.ecg.readers.scp.reader import READER
from tests import scp_files as scp
from tests.samples import FORMATS, NO_SHARED

FOLDER = FORMATS / "scp_ecg"
REAL = pytest.mark.skipif(not FOLDER.is_dir(), reason=NO_SHARED)


def one(data: bytes, options: ReadOptions | None = None, limits: Limits | None = None):
    files = FileSet((SourceFile("a.scp", data),))
    assert READER.recognises(files)
    (recording,) = READER.read(files, options or ReadOptions(), limits or Limits())
    return recording


@REAL
def test_the_huffman_coded_example_equals_an_independent_decoder():
    from ecgdatakit.parsing.parser import FileParser

    path = FOLDER / "ecgtoolkit_Example.scp"
    expected = {lead.label: lead for lead in FileParser().parse(path).leads}
    recording = one(path.read_bytes())
    for row, lead in zip(recording.signal, LEADS, strict=True):
        np.testing.assert_allclose(row, expected[lead].samples, rtol=0, atol=1e-6)
    assert (recording.rate, recording.n_samples, recording.stated_samples) == (500, 5000, 5000)
    assert (recording.patient.id, recording.patient.age, recording.patient.sex) == ("SBJ-123", 49, "M")
    assert recording.start == datetime(2002, 11, 22, 9, 10)
    assert recording.device.model == "ECGConversion ELI250"
    expected_facts = {"p": 102, "pr": 148, "qrs": 120, "qt": 420, "qtc": 443}
    assert recording.device.measurements == expected_facts | {"p_axis": 44, "qrs_axis": -61, "t_axis": 86}
    assert "Clark" not in repr(recording)


@REAL
def test_the_plain_demo_that_counts_samples_from_0_equals_its_bytes():
    """Its leads are said to span samples 0 to 10000, of which 10000 are there."""
    data = (FOLDER / "demo.scp").read_bytes()
    raw = np.frombuffer(data, "<i2", 80000, len(data) - 160000).reshape(8, 10000)
    recording = one(data)
    expected = raw[[scp.EIGHT.index(lead) for lead in ("I", "II", *scp.EIGHT[2:])]] * 183e-6
    np.testing.assert_allclose(recording.signal[[0, 1, 6, 7, 8, 9, 10, 11]], expected, rtol=1e-6)
    np.testing.assert_allclose(recording.signal[2], (raw[1] - raw[0].astype(float)) * 183e-6, rtol=0, atol=1e-6)
    assert (recording.rate, recording.n_samples, recording.stated_samples) == (1000, 10000, 10000)
    assert recording.notes == ()
    assert recording.derived == ("III", "aVR", "aVL", "aVF")
    assert (recording.patient.age, recording.patient.sex) == (47, "M")
    assert "demo" not in repr(recording.device).lower()
    assert not {"einthoven", "goldberger", "amplitude"} & {finding.code for finding in check(recording)}


@pytest.mark.parametrize("coding", ["raw", "huffman", "switching"])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_every_coding_reads_back_exactly(coding, order):
    rows = scp.eight(301)
    recording = one(scp.rhythm(rows, coding=coding, order=order, nanovolts=2500))
    stored = recording.signal / recording.step[:, None]
    np.testing.assert_allclose(stored[[0, 1, 6, 7, 8, 9, 10, 11]], rows, rtol=0, atol=1e-3)
    assert recording.step[0] == 0.0025
    assert recording.n_samples == recording.stated_samples == 301
    assert recording.notes == ()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-3000, 3000), min_size=1, max_size=60),
    st.sampled_from(["raw", "huffman", "switching"]),
    st.integers(0, 2),
)
def test_any_samples_read_back_exactly(samples, coding, order):
    rows = np.array([samples] * 8)
    recording = one(scp.rhythm(rows, coding=coding, order=order))
    np.testing.assert_array_equal(np.rint(recording.signal[0] * 1000), samples)
    assert recording.n_samples == len(samples)


def test_a_table_that_says_plain_16_bits_reads_as_plain():
    table = struct.pack("<HHBBBhI", 1, 1, 0, 16, 1, 0, 0)
    recording = one(scp.rhythm(scp.eight(), more={2: table}))
    np.testing.assert_array_equal(recording.signal, one(scp.rhythm(scp.eight())).signal)


@pytest.mark.parametrize("coding", ["raw", "huffman"])
def test_the_reference_beat_is_added_where_it_was_subtracted(coding):
    rows, random = scp.eight(1000), np.random.default_rng(1)
    shape = random.integers(-400, 400, (8, 200))
    marks = [(0, 101, 151, 220), (1, 300, 350, 420), (0, 501, 561, 640), (0, 900, 960, 1000)]
    fiducial, residual = 61, rows.copy()
    for kind, first, middle, last in marks:
        if kind == 0:
            for sample in range(first, last + 1):  # counted from 1, as in the standard
                place = fiducial - 1 + sample - middle
                residual[:, sample - 1] -= 2 * shape[:, place]
    data = scp.record(
        {
            3: scp.leads(scp.EIGHT, [(1, 1000)] * 8, subtracted=True),
            4: scp.beats(400, fiducial, marks, [(first, last) for _, first, _, last in marks]),
            5: scp.block(shape, 2000, 2000, 1, coding=coding),
            6: scp.block(residual, 1000, 2000, 2, coding=coding),
            **scp.tables(coding),
        }
    )
    recording = one(data)
    np.testing.assert_array_equal(np.rint(recording.signal[6:] * 1000), rows[2:])
    assert recording.step[6] == 0.001
    assert recording.notes == ()


@pytest.mark.parametrize("ends", [(40, 60), (41, 62)])
def test_decimated_samples_between_protected_zones_are_interpolated(ends):
    """A straight line survives: blocks of 4 hold their mean, what does not fill a block is stored as it is."""
    first, last = ends
    line = np.tile(np.arange(100) * 8, (8, 1))
    stored = []
    for begin, end, kept in ((0, first - 1, False), (first - 1, last, True), (last, 100, False)):
        part = line[0, begin:end]
        blocks = 0 if kept else len(part) // 4
        stored += [int(part[4 * i : 4 * i + 4].mean()) for i in range(blocks)] + list(part[4 * blocks :])
    data = scp.record(
        {
            3: scp.leads(scp.EIGHT, [(1, 100)] * 8, subtracted=True),
            4: scp.beats(20, 1, [(1, 45, 50, 55)], [ends]),
            5: scp.block(np.zeros((8, 10), int), 1000, 2000, coding="huffman"),
            6: scp.block(np.tile(stored, (8, 1)), 1000, 8000, 2, bimodal=1, coding="huffman"),
            **scp.tables("huffman"),
        }
    )
    recording = one(data)
    values = recording.signal[6] * 1000
    assert (recording.rate, recording.n_samples) == (500, 100)
    np.testing.assert_allclose(values[first - 1 : last], line[0, first - 1 : last], atol=1e-3)
    wrong = np.abs(values - line[0])
    assert wrong.max() <= 12.01  # the first and last half block are flat
    assert (wrong <= 4.01).mean() > 0.9  # half a sample elsewhere
    assert "interpolated" in recording.notes[0]


def test_leads_recorded_one_after_the_other_keep_their_times():
    names = ("I", "II", *scp.EIGHT[2:])
    spans = [(1, 500)] * 2 + [(501, 1000)] * 6
    rows = [row[a - 1 : b] for row, (a, b) in zip(scp.eight(1000), spans, strict=True)]
    recording = one(scp.rhythm(rows, names=names, spans=spans))
    assert recording.n_samples == 1000
    assert np.isnan(recording.signal[0, 500:]).all()
    assert np.isnan(recording.signal[6, :500]).all()
    np.testing.assert_array_equal(np.rint(recording.signal[6, 500:] * 1000), rows[2])


def test_plain_leads_longer_than_their_length_field_can_say():
    rows = np.tile(scp.eight(1000), (1, 40))
    recording = one(scp.rhythm(rows))
    assert recording.n_samples == 40_000
    np.testing.assert_array_equal(np.rint(recording.signal[11] * 1000), rows[7])


def test_a_record_without_the_mark_of_later_versions_is_recognised():
    data = scp.record({3: scp.leads(scp.EIGHT, [(1, 5)] * 8), 6: scp.block(scp.eight(5), 1000, 2000)}, 10, b"")
    assert one(data).n_samples == 5


def test_a_flag_of_subtraction_without_such_beats_changes_nothing():
    rows = scp.eight(100)
    sections = {
        3: scp.leads(scp.EIGHT, [(1, 100)] * 8, subtracted=True),
        4: scp.beats(20, 1, [(1, 10, 12, 20)]),
        6: scp.block(rows, 1000, 2000),
    }
    np.testing.assert_array_equal(np.rint(one(scp.record(sections)).signal[6:] * 1000), rows[2:])
    del sections[4]
    with pytest.raises(UnreadableFileError, match="reference beat"):
        one(scp.record(sections))


def test_a_flag_of_bimodal_compression_without_decimation_changes_nothing():
    rows = scp.eight(100)
    sections = {3: scp.leads(scp.EIGHT, [(1, 100)] * 8), 6: scp.block(rows, 1000, 2000, bimodal=1)}
    for more in ({}, {4: scp.beats(20, 1, []), 5: scp.block(rows[:, :10], 1000, 4000)}):
        recording = one(scp.record(sections | more))
        np.testing.assert_array_equal(np.rint(recording.signal[6:] * 1000), rows[2:])


def test_a_wrong_checksum_is_noted_and_read_all_the_same():
    data = bytearray(scp.rhythm(scp.eight()))
    data[-1] ^= 1
    recording = one(bytes(data))
    assert "checksum of section 6" in recording.notes[0]
    assert recording.n_samples == 1000


def test_one_lead_is_refused_and_read_as_a_partial_recording():
    data = scp.rhythm(scp.eight()[1:2], names=("II",))
    with pytest.raises(MissingLeadsError, match="the file has II"):
        one(data)
    recording = one(data, ReadOptions(partial=True))
    assert len(recording.missing) == 11
    np.testing.assert_array_equal(np.rint(recording.signal[1] * 1000), scp.eight()[1])


@pytest.mark.parametrize("missing", [3, 6])
def test_a_record_without_signal_is_refused(missing):
    sections = {3: scp.leads(scp.EIGHT, [(1, 5)] * 8), 6: scp.block(scp.eight(5), 1000, 2000)}
    del sections[missing]
    with pytest.raises(UnreadableFileError, match=f"section {missing}"):
        one(scp.record(sections))


def test_lying_numbers_are_refused_or_bounded_without_memory():
    liars = [
        scp.rhythm(scp.eight(10), spans=[(1, 4_000_000_000)] * 8, coding="huffman"),
        scp.rhythm(scp.eight(10), spans=[(1, 10)] * 7 + [(3_000_000_000, 3_000_000_009)]),
        scp.rhythm(scp.eight(10), nanovolts=0),
        scp.rhythm(scp.eight(10), more={2: struct.pack("<H", 65535)}),
        scp.rhythm(scp.eight(10), more={2: struct.pack("<HHBBBhI", 1, 1, 1, 250, 1, 0, 0)}),
        scp.rhythm(scp.eight(10), more={2: struct.pack("<HHBBBhI", 1, 1, 0, 0, 0, 1, 0)}),
        scp.rhythm(scp.eight(10), more={4: scp.beats(1, 1, [(0, 1, 1, 4_000_000_000)])}),
    ]
    tracemalloc.start()
    for data in liars:
        with contextlib.suppress(EcgError):
            assert one(data).n_samples <= 200
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


def test_more_samples_than_allowed_are_refused():
    with pytest.raises(LimitError, match="at most 999"):
        one(scp.rhythm(scp.eight(1000)), limits=Limits(samples=999))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_records_raise_nothing_but_ecg_errors(data):
    rows = scp.eight(60)
    content = scp.record(
        {
            1: scp.tag(2, b"P\0") + scp.tag(255, b""),
            3: scp.leads(scp.EIGHT, [(1, 60)] * 8, subtracted=True),
            4: scp.beats(40, 5, [(0, 11, 15, 25)], [(11, 25)]),
            5: scp.block(rows[:, :20], 1000, 2000, 2, coding="switching"),
            6: scp.block(rows, 1000, 2000, 2, coding="switching"),
            7: bytes(40),
            11: bytes(40),
            **scp.tables("switching"),
        }
    )
    damaged = bytearray(content[: data.draw(st.integers(30, len(content)))])
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(damaged) - 1), st.integers(0, 255)), max_size=4)
    ):
        damaged[place] = value
    files = FileSet((SourceFile("a.scp", bytes(damaged)),))
    if READER.recognises(files):
        with contextlib.suppress(EcgError):
            assert READER.read(files, ReadOptions(partial=True), Limits())[0].n_samples <= rows.size


def test_a_long_term_recording_is_refused_for_what_it_is():
    with pytest.raises(UnsupportedFormatError, match="long-term recording"):
        one(scp.record({1: scp.tag(255, b""), 3: scp.leads(("I",), [(1, 100)]), 12: bytes(400)}))
