"""What a file leaves open, so that it came from the uploader, is named in the recording."""

import io
from pathlib import Path

import h5py
import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file

from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from tests.samples import LEADS, microvolts, npy_file, wfdb_pair

OPEN = ("rate", "unit", "leads")


def declared(*files: tuple[str, bytes], options: ReadOptions | None = None) -> tuple[str, ...]:
    return read(FileSet(tuple(SourceFile(*file) for file in files)), options)[0].declared


def table(*head: str, first: np.ndarray | None = None) -> bytes:
    columns = microvolts(n=50) if first is None else np.vstack([first, microvolts(n=50)])
    return "\n".join([*head, *(",".join(map(str, row)) for row in columns.T)]).encode()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (table(), OPEN),
        (table(",".join(LEADS)), ("rate", "unit")),
        (table(",".join(f"{lead} (uV)" for lead in LEADS)), ("rate",)),
        (table(",".join(["time (s)", *LEADS]), first=np.arange(50) / 500), ("unit",)),
        (table("# fs: 250 Hz", ",".join(f"{lead} (uV)" for lead in LEADS)), ()),
        (table(",".join(f"channel {i}" for i in range(12))), OPEN),
    ],
)
@pytest.mark.parametrize("options", [ReadOptions(250, 1000, leads=LEADS), ReadOptions(250, 1, leads=LEADS)])
def test_a_text_table(content, expected, options):
    assert declared(("a.csv", content), options=options) == expected


def test_a_numpy_array_with_and_without_names():
    assert declared(("a.npy", npy_file()), options=ReadOptions(100, 1000)) == OPEN
    stream = io.BytesIO()
    np.savez(stream, x=microvolts(), leads=np.array(LEADS), fs=100, unit_mv=0.001)
    assert declared(("a.npz", stream.getvalue())) == ()
    stream = io.BytesIO()
    np.savez(stream, x=microvolts(), leads=np.array(LEADS))
    assert declared(("a.npz", stream.getvalue()), options=ReadOptions(100, 1000)) == ("rate", "unit")


def test_a_wfdb_record_without_rate_or_names():
    header, data = wfdb_pair("rec")
    assert declared(("rec.hea", header), ("rec.dat", data)) == ()
    unnamed = b"\n".join(line.rsplit(b" ", 1)[0] if b".dat" in line else line for line in header.split(b"\n"))
    assert declared(("rec.hea", unnamed), ("rec.dat", data)) == ("leads",)
    assert declared(("rec.hea", header.replace(b"rec 12 100 1000", b"rec 12")), ("rec.dat", data)) == ("rate",)


def test_a_dicom_file_without_sensitivity():
    path = Path(str(get_testdata_file("waveform_ecg.dcm", download=False)))
    dataset = pydicom.dcmread(path)
    for channel in dataset.WaveformSequence[0].ChannelDefinitionSequence:
        del channel.ChannelSensitivity
    stream = io.BytesIO()
    dataset.save_as(stream)
    options = ReadOptions(units_per_mv=800)
    assert declared(("a.dcm", stream.getvalue()), options=options) == ("unit",)
    assert declared(("a.dcm", path.read_bytes()), options=options) == ()


def test_lines_before_a_table_and_names_of_groups_are_not_repeated_as_they_may_name_patients():
    (recording,) = read(
        FileSet((SourceFile("a.csv", table("Name: Mrs Smith", ",".join(LEADS))),)), ReadOptions(500, 1000)
    )
    assert "Left out: lines before the table (1)." in recording.notes
    assert "Smith" not in str(recording)
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["Smith/ecg"], file["Smith/noise"] = microvolts(), 1
    (recording,) = read(FileSet((SourceFile("a.h5", stream.getvalue()),)), ReadOptions(500, 1000))
    assert "Read was 'ecg'; left out: noise." in recording.notes
    assert "Smith" not in str(recording)
