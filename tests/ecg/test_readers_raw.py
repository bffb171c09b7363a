"""Bare 16-bit samples: only where declared, and never what is something else."""

import numpy as np
import pytest

from backend.ecg.errors import (
    IncompleteSetError,
    LimitError,
    UndeclaredError,
    UnreadableFileError,
    UnsupportedFormatError,
)
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, group, read
from tests.samples import csv_file, microvolts, npy_file, wfdb_pair

RAW = ReadOptions(rate=100, units_per_mv=1000, raw=True)


def files(data: bytes, name: str = "a.dat") -> FileSet:
    return FileSet((SourceFile(name, data),))


def bare(order: tuple[str, ...] = LEADS) -> bytes:
    return microvolts()[[LEADS.index(lead) for lead in order]].T.astype("<i2").tobytes()


def test_declared_samples_are_read_with_everything_marked_as_declared():
    (recording,) = read(files(bare()), RAW)
    np.testing.assert_array_equal(recording.signal, (microvolts() / 1000).astype(np.float32))
    assert (recording.rate, recording.format, recording.declared) == (100, "raw", ("rate", "unit", "leads"))
    assert any("nothing in the file confirms it" in note for note in recording.notes)
    assert recording.step is not None


def test_rate_and_unit_are_asked_for():
    with pytest.raises(UndeclaredError, match=r"states no sampling rate.*states no unit"):
        read(files(bare()), ReadOptions(raw=True))


def test_the_declared_order_of_leads_counts():
    order = ("V6", "V5", "V4", "V3", "V2", "V1", "II", "I")
    (recording,) = read(files(bare(order)), ReadOptions(rate=100, units_per_mv=1000, raw=True, leads=order))
    np.testing.assert_allclose(recording.signal, microvolts() / 1000, atol=1e-3)
    assert recording.derived == ("III", "aVR", "aVL", "aVF")


def test_without_the_declaration_the_header_is_asked_for_and_the_way_out_named():
    with pytest.raises(IncompleteSetError, match=r"the \.hea is missing.*declare it as raw"):
        read(files(bare()))
    with pytest.raises(UnsupportedFormatError):
        read(files(bare(), "a.bin"))


@pytest.mark.parametrize("cut", [1, 2, 23])
def test_a_length_that_is_no_whole_number_of_moments_is_refused(cut):
    with pytest.raises(
        UnreadableFileError, match=r"a\.dat has 23,9\d\d bytes, which is no whole number of moments of 12"
    ):
        read(files(bare()[:-cut]), RAW)


def test_what_a_reader_knows_is_read_by_it_whatever_is_declared():
    header, data = wfdb_pair("rec")
    (pair,) = group([SourceFile("rec.hea", header), SourceFile("rec.dat", data)])
    for known, name in ((pair, "wfdb"), (files(npy_file()), "npy"), (files(csv_file()), "csv")):
        assert read(known, RAW)[0].format == name


@pytest.mark.parametrize("start", [b"%PDF-1.7\n\x00", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"PK\x03\x04"])
def test_documents_and_pictures_are_not_taken_for_samples(start):
    with pytest.raises(UnsupportedFormatError):
        read(files(start + bytes(24 * 100 - len(start)), "scan.bin"), RAW)
    with pytest.raises(UnsupportedFormatError):
        read(files(b"Dear colleague, the ECG is normal. " * 24, "letter.txt"), RAW)


def test_limits_hold():
    with pytest.raises(LimitError, match="1,000 samples"):
        read(files(bare()), RAW, Limits(samples=999))
