"""What hostile files make the platform hold: no more than they hold themselves, whatever they claim."""

import io
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import DeflatedExplicitVRLittleEndian

from backend.ecg.errors import LimitError, UnreadableFileError
from backend.ecg.readers import FileSet, Limits, ReadOptions, Refusal, SourceFile, expand, read
from backend.services import ingest
from tests.samples import csv_file, zip_file

ROOT = Path(__file__).parents[2]
ECG = str(get_testdata_file("waveform_ecg.dcm", download=False))
MIB = 1 << 20


def overlapping(n: int, size: int) -> bytes:
    """Return a zip of n entries of the same `size` bytes, which are there once."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.dat", bytes(range(250)) * (size // 250))  # as bare samples look
    data = buffer.getvalue()
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entries = data[start:end] * n
    tail = bytearray(data[end:])
    tail[8:16] = n.to_bytes(2, "little") * 2 + len(entries).to_bytes(4, "little")
    return data[:start] + entries + bytes(tail)


def many_small(n: int) -> bytes:
    """Return a small zip of n entries of 1 MiB, each of which may expand at any ratio."""
    return zip_file({f"{number}.dat": bytes(MIB) for number in range(n)})


def peak_mib(call: str) -> int:
    """Return the most memory a fresh process needs for an expression on this module, beyond what it had before."""
    code = (
        "import resource; from tests.services import test_memory as t\n"
        f"file = t.{call}\n"
        "most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = most()\n"
        "t.taken_in(file)\n"
        "print(most() - before)"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024
    return int(shown.stdout) * unit // MIB


def taken_in(data: bytes) -> list[str]:
    """Read a zip as an upload is read, and return why its files are refused."""
    batches = ingest.read_all([SourceFile("a.zip", data)], ReadOptions(), Limits())
    results = [result for batch in batches for result in batch]
    return [str(one.error) for one in results if isinstance(one, Refusal) or one.error]


def test_a_thousand_entries_of_the_same_bytes_take_no_more_memory_than_the_bytes() -> None:
    """Data files without a header wait for it until the last: all that a zip expanded to was held at once."""
    assert peak_mib("overlapping(1000, 2 * t.MIB)") < 64


def test_many_small_entries_together_expand_no_further_than_one_large_one() -> None:
    data = many_small(150)
    found = list(expand(SourceFile("a.zip", data), Limits(archive_ratio=20)))
    assert sum(len(one.data) for one in found if isinstance(one, SourceFile)) == 64 * MIB
    assert all("an archive may expand to" in str(one.error) for one in found if isinstance(one, Refusal))


def test_entries_that_share_their_bytes_are_refused_and_python_reads_them() -> None:
    data = overlapping(3, 1000)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:  # so that it is the bomb it should be
        assert [len(archive.read(info)) for info in archive.infolist()] == [1000] * 3
    (error,) = taken_in(data)
    assert "share the same bytes" in error
    assert "share the same bytes" in taken_in(data.replace(b".dat", b".npy"))[0]


def test_a_zip_from_which_an_entry_was_deleted_or_that_lies_behind_other_bytes_is_still_read() -> None:
    buffer = io.BytesIO(b"a program that unpacks itself")
    buffer.seek(0, io.SEEK_END)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("a.csv", csv_file())
        archive.writestr("gone.csv", csv_file())
        archive.writestr("b.csv", csv_file())
        del archive.filelist[1]
    names = [one.name for one in expand(SourceFile("x.zip", buffer.getvalue()[29:]))]
    assert names == ["x.zip/a.csv", "x.zip/b.csv"]


def test_files_that_wait_for_their_header_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "WAITING_BYTES", 10_000)
    monkeypatch.setattr("backend.services.file_batches.BATCH_FILES", 1)
    files = [SourceFile(f"{number}.dat", bytes(range(250)) * 16) for number in range(5)]
    batches = [list(batch) for batch in ingest.read_all(files, ReadOptions(), Limits())]
    assert [len(batch) for batch in batches] == [0, 0, 1, 1, 3]  # two wait; what comes on top is refused at once
    assert all("Upload it together" in one.error for batch in batches for one in batch if not isinstance(one, Refusal))


def test_refusals_hold_nothing_of_the_files_they_refuse() -> None:
    file = SourceFile("a.zip", many_small(20))
    limits = Limits(file_bytes=MIB - 1)
    tracemalloc.start()
    try:
        refused = list(expand(file, limits))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(refused) == 20
    assert all(isinstance(one, Refusal) for one in refused)
    assert held < MIB  # with the frames of the reading, each holds its megabyte


@pytest.mark.parametrize("uid", ["1.2.3", "1.2." * 800 + "3"])  # behind a long one the syntax was not looked for
def test_a_deflated_dicom_file_is_expanded_once_and_only_as_far_as_is_allowed(uid: str) -> None:
    dataset = pydicom.dcmread(ECG)
    dataset.WaveformSequence[0].WaveformData = bytes(64 * MIB)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPInstanceUID = uid
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, implicit_vr=False, little_endian=True)
    file = FileSet((SourceFile("a.dcm", stream.getvalue()),))
    tracemalloc.start()
    try:
        with pytest.raises(LimitError, match=r"a\.dcm expands to more than"):
            read(file, limits=Limits(file_bytes=16 * MIB))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 40 * MIB


def test_a_deflated_dicom_file_that_breaks_off_is_refused() -> None:
    dataset = pydicom.dcmread(ECG)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, implicit_vr=False, little_endian=True)
    with pytest.raises(UnreadableFileError):
        read(FileSet((SourceFile("a.dcm", stream.getvalue()[:-2000]),)))
