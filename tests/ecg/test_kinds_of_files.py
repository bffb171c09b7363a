"""Arrays with facts beside them, and files that hold no recording: each kind generated in many forms."""

import io
import re

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from backend.ecg.errors import UnsupportedFormatError
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from tests.samples import microvolts

SLOW = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
QUICK = settings(deadline=None, max_examples=150)


def many(name: str, data: bytes, options: ReadOptions | None = None):
    return read(FileSet((SourceFile(name, data),)), options)


# --- HDF5 ------------------------------------------------------------------------------------------------------------


def hdf5(write) -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        write(file)
    return stream.getvalue()


@SLOW
@given(n=st.integers(2, 6), upright=st.booleans(), own_rate=st.booleans())
def test_each_group_of_a_file_is_a_recording_known_by_its_name(n, upright, own_rate):
    def write(file):
        for i in range(n):
            x = microvolts(i, 150)
            place = file.create_group(f"A{i:04}")
            place["ecg"] = x.T if upright else x
            place["label"] = f"class {i % 2}"
            if own_rate:
                place.attrs["fs"] = 100 + i

    found = many("d/a.h5", hdf5(write), ReadOptions(rate=500, units_per_mv=1000))
    assert [one.name for one in found] == [f"d/a[{i}]" for i in range(n)]
    assert [one.record_id for one in found] == [f"A{i:04}" for i in range(n)]
    assert [one.rate for one in found] == ([100 + i for i in range(n)] if own_rate else [500] * n)
    for i, one in enumerate(found):
        np.testing.assert_allclose(one.signal, microvolts(i, 150) / 1000, rtol=1e-6)
        assert one.labels == {"label": f"class {i % 2}"}


@SLOW
@given(n=st.integers(2, 8), texts=st.booleans(), one_hot=st.booleans(), names=st.booleans())
def test_arrays_beside_a_stack_say_which_recording_is_which(n, texts, one_hot, names):
    ids = [f"rec{i}" if texts else 1000 + 7 * i for i in range(n)]
    y = np.eye(3, dtype=int)[np.arange(n) % 3] if one_hot else np.arange(n) % 3

    def write(file):
        file["X"] = np.stack([microvolts(i, 150) for i in range(n)])
        file["ecg_id"] = ids
        file["y"] = y
        file["age"] = np.full(n, 300)
        if names and one_hot:
            file["class_names"] = ["NORM", "MI", "CD"]

    found = many("a.h5", hdf5(write), ReadOptions(rate=100, units_per_mv=1000))
    assert [one.record_id for one in found] == list(map(str, ids))
    assert {one.patient.age for one in found} == {90}
    for i, one in enumerate(found):
        if one_hot:
            keys = ("NORM", "MI", "CD") if names else ("y[0]", "y[1]", "y[2]")
            assert one.labels == dict(zip(keys, map(float, y[i]), strict=True))
        else:
            assert one.labels == {"y": float(y[i])}


@SLOW
@given(n=st.integers(1, 4), pad=st.integers(0, 900), ids=st.booleans(), empty=st.integers(0, 2))
def test_tracings_of_4096_samples_have_400_hz_mv_and_no_padding(n, pad, ids, empty):
    x = np.zeros((n + empty, 4096, 12), "f4")
    for i in range(n):
        x[i, pad : 4096 - pad] = microvolts(i, 4096, 400).T[pad : 4096 - pad] / 1000
        x[i, [pad, 4095 - pad], 0] = 0.5  # the ends of what was recorded

    def write(file):
        file["tracings"] = x
        if ids:
            file["exam_id"] = np.arange(n + empty) + 5

    found = many("a.hdf5", hdf5(write))
    assert len(found) == n
    assert {(one.rate, one.unit, one.n_samples) for one in found} == {(400, "mV", 4096 - 2 * pad)}
    assert [one.record_id for one in found] == [str(i + 5) if ids else None for i in range(n)]


# --- what is no recording --------------------------------------------------------------------------------------------


@QUICK
@given(
    columns=st.lists(
        st.sampled_from(["ecg_id", "label", "NORM", "MI", "age", "filename", "Diagnose", "study_id", "AF", "notes"]),
        min_size=2, max_size=6, unique=True,
    ),
    separator=st.sampled_from([",", ";", "\t"]),
    numeric=st.booleans(),
    n=st.integers(2, 30),
)  # fmt: skip
def test_a_table_of_labels_is_called_one(columns, separator, numeric, n):
    assume({"ecg_id", "label", "filename", "Diagnose", "study_id", "age"} & set(columns))
    rows = [separator.join(str(i) if numeric else f"r{i}" for _ in columns) for i in range(n)]
    data = (separator.join(columns) + "\n" + "\n".join(rows) + "\n").encode()
    with pytest.raises(UnsupportedFormatError, match=r"looks like a table of labels .*exchangeai labels"):
        many("a.csv", data)
    with pytest.raises(UnsupportedFormatError, match=r"looks like a table of labels"):
        many("a.csv", data, ReadOptions(rate=500, units_per_mv=1000))  # a dozen rows are no leads


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pdf", b"%PDF-1.7\n...", "is a PDF"),
        ("a.csv", b"%PDF-1.7\n...", "is a PDF"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0", "is a picture"),
        ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF", "is a picture"),
        ("a.tif", b"II*\0\x08\0\0\0", "is a picture"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "Excel.*as CSV"),
        ("a.rdt", b"\x01\x02\x03\x04" * 50, "GE CASE or CardioSoft.*as XML"),
        ("a.ecg", b"\x01\x02\x03\x04" * 50, "Contec, Heal Force"),
        ("a.pkl", b"\x80\x04\x95\x10\0\0\0", "Python pickle, which is never opened"),
        (
            "README.md",
            b"# The data\n\n" + b"This folder holds electrocardiograms of patients of the clinic. " * 5,
            "a readme",
        ),
        ("a.html", b"<!DOCTYPE html><html><body>Log in</body></html>", "a web page"),
        ("a.xml", b"<?xml version='1.0'?><Whatever><x/></Whatever>", r"XML of no ECG format .*'Whatever'"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", "7-Zip archive. Unpack"),
        ("a.bin", bytes(range(1, 200)), "no format that is known here. Export"),
        ("a.dat", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "pointer of Git LFS"),
    ],
)
def test_files_of_other_kinds_are_called_by_their_name_and_never_answered_with_a_list_of_formats(name, data, words):
    with pytest.raises(UnsupportedFormatError, match=rf"(?s)^{re.escape(name)} is .*") as caught:
        many(name, data)
    assert re.search(words, str(caught.value))
    assert str(caught.value).count("(.") <= 1
