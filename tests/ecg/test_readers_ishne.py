"""ISHNE Holter recordings against independent parses, and what odd or damaged files get."""

import binascii
import contextlib
import struct
import tracemalloc
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UndeclaredError, UnreadableFileError
from backend.ecg.findings import check
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile
from backend.ecg.readers.ishne import READER
from tests.samples import FORMATS, NO_SHARED, microvolts

FILE = FORMATS / "ishne" / "ECG_P28.01.ecg"
REAL = pytest.mark.skipif(not FILE.is_file(), reason=NO_SHARED)


def one(data: bytes, options: ReadOptions | None = None, limits: Limits | None = None):
    files = FileSet((SourceFile("a.ecg", data),))
    assert READER.recognises(files)
    (recording,) = READER.read(files, options or ReadOptions(), limits or Limits())
    return recording


def ishne(rows, codes=range(5, 17), *, stated=None, nanovolts=1000, rate=200, pacemaker=0, more=b"notes", crc=None):
    rows = np.asarray(rows)
    n_leads = len(rows)
    body = struct.pack("<4i", len(more), rows.shape[1] if stated is None else stated, 522, 522 + len(more))
    body += struct.pack("<h", 1) + b"Hidden".ljust(40, b"\0") + b"Person".ljust(40, b"\0") + b"H-12".ljust(20, b"\0")
    body += struct.pack("<hh", 2, 0) + struct.pack("<9h", 7, 3, 1960, 6, 3, 2021, 8, 3, 2021)
    body += struct.pack("<3h", 21, 30, 15) + struct.pack("<h", n_leads)
    pad = [-9] * (12 - n_leads)
    body += struct.pack("<12h", *codes, *pad) + struct.pack("<12h", *[1] * n_leads, *pad)
    body += struct.pack("<12h", *[nanovolts] * n_leads, *pad) + struct.pack("<h", pacemaker)
    body += b"digital".ljust(40, b"\0") + struct.pack("<h", rate) + bytes(80 + 80 + 88) + more
    assert len(body) == 512 + len(more)
    crc = binascii.crc_hqx(body, 0xFFFF) if crc is None else crc
    return b"ISHNE1.0" + struct.pack("<H", crc) + body + rows.T.astype("<i2").tobytes()


@REAL
def test_the_real_file_equals_its_bytes_and_an_independent_parser():
    from ecgdatakit.parsing.parser import FileParser

    data = FILE.read_bytes()
    recording = one(data)
    raw = np.frombuffer(data, "<i2", offset=522).reshape(-1, 12).T
    np.testing.assert_allclose(recording.signal, raw * 0.005, rtol=1e-6)
    oracle = {lead.label: lead for lead in FileParser().parse(FILE).leads}
    for row, lead in zip(recording.signal, LEADS, strict=True):
        np.testing.assert_allclose(row, oracle[lead].samples, rtol=1e-6, atol=1e-6)
    assert (recording.rate, recording.n_samples, recording.stated_samples) == (1000, 95573, 95573)
    assert recording.start == datetime(2000, 1, 1, 7, 0)
    assert (recording.patient.id, recording.patient.age, recording.patient.sex) == ("ECG_P28.01", None, None)
    assert recording.notes == ()
    assert not {"einthoven", "goldberger", "amplitude"} & {finding.code for finding in check(recording)}


def test_samples_and_facts_read_back_exactly():
    recording = one(ishne(microvolts()))
    np.testing.assert_array_equal(np.rint(recording.signal * 1000), microvolts())
    np.testing.assert_allclose(recording.step, 0.001)
    assert recording.rate == 200
    assert (recording.patient.id, recording.patient.age, recording.patient.sex) == ("H-12", 60, "F")
    assert recording.start == datetime(2021, 3, 6, 21, 30, 15)
    assert recording.device.model == "digital"
    assert not any(word in repr(recording) for word in ("Hidden", "Person"))


def test_leads_in_any_order_are_placed_by_their_codes():
    order = np.random.default_rng(0).permutation(12)
    recording = one(ishne(microvolts()[order], codes=[5 + int(i) for i in order]))
    np.testing.assert_array_equal(np.rint(recording.signal * 1000), microvolts())


@pytest.mark.parametrize(("codes", "words"), [((2, 3, 4), "Frank leads"), ((1, 1, 0), "none of the twelve")])
def test_holters_of_three_leads_are_refused_and_say_what_they_hold(codes, words):
    with pytest.raises(MissingLeadsError, match=words):
        one(ishne(microvolts()[:3], codes=codes))


def test_a_holter_of_three_standard_leads_is_a_partial_recording():
    data = ishne(microvolts()[[6, 10, 1]], codes=(11, 15, 6))
    with pytest.raises(MissingLeadsError, match="the file has II, V1, V5"):
        one(data)
    recording = one(data, ReadOptions(partial=True))
    np.testing.assert_array_equal(np.rint(recording.signal[[6, 10, 1]] * 1000), microvolts()[[6, 10, 1]])
    assert len(recording.missing) == 9


def test_doubts_about_the_header_are_noted():
    assert "checksum" in one(ishne(microvolts(), crc=1)).notes[0]
    assert "pacemaker" in one(ishne(microvolts(), pacemaker=2)).notes[0]
    cut = one(ishne(microvolts(), stated=1200))
    assert (cut.n_samples, cut.stated_samples) == (1000, 1200)
    assert "cut off" in cut.notes[0]
    assert one(ishne(microvolts(), stated=12 * 1000)).notes == ()


def test_a_resolution_that_is_not_there_is_asked_for():
    with pytest.raises(UndeclaredError, match="units per mV"):
        one(ishne(microvolts(), nanovolts=-9))
    assert one(ishne(microvolts(), nanovolts=0), ReadOptions(units_per_mv=500)).step[0] == 0.002


def test_annotation_files_and_damaged_headers_are_refused():
    with pytest.raises(UnreadableFileError, match="no ECG signal"):
        one(b"ANN  1.0" + bytes(600))
    for data in (ishne(microvolts())[:300], ishne(microvolts())[:527], ishne(microvolts(), rate=-9)):
        with pytest.raises(UnreadableFileError):
            one(data)


def test_long_holters_are_bounded_and_lies_take_no_memory():
    with pytest.raises(LimitError, match="at most 999"):
        one(ishne(microvolts()), limits=Limits(samples=999))
    tracemalloc.start()
    assert one(ishne(microvolts(), stated=2_000_000_000)).n_samples == 1000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e6


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_files_raise_nothing_but_ecg_errors(data):
    content = ishne(microvolts(n=20))
    damaged = bytearray(content[: data.draw(st.integers(8, len(content)))])
    places = st.tuples(st.integers(8, 600), st.integers(0, 255))
    for where, value in data.draw(st.lists(places, max_size=5)):
        if where < len(damaged):
            damaged[where] = value
    with contextlib.suppress(EcgError):
        assert one(bytes(damaged), ReadOptions(partial=True)).n_samples <= 480
