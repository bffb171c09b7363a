"""HDF5 and MATLAB 7.3 files against h5py, and what hostile ones get."""

import contextlib
import io
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UnreadableFileError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, read
from backend.ecg.readers.arrays import hdf5_file
from tests.samples import FORMATS, NO_SHARED, microvolts

MV = ReadOptions(rate=500, units_per_mv=1)


def hdf5(fill: Callable[[Any], None], block: int = 0) -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w", userblock_size=block) as file:
        fill(file)
    return stream.getvalue()


def arrays(**found: object) -> bytes:
    def fill(file: Any) -> None:
        for name, value in found.items():
            file[name] = value

    return hdf5(fill)


def many(data: bytes, options: ReadOptions | None = None, limits: Limits | None = None):
    return read(FileSet((SourceFile("d/a.h5", data),)), options, limits)


def one(data: bytes, options: ReadOptions | None = None, limits: Limits | None = None):
    (recording,) = many(data, options, limits)
    return recording


@pytest.mark.skipif(not FORMATS.exists(), reason=NO_SHARED)
def test_the_layout_of_sph_is_read_in_mv_at_its_rate():
    path = FORMATS / "h5" / "SPH00001.h5"
    recording = one(path.read_bytes())
    with h5py.File(path) as file:
        np.testing.assert_array_equal(recording.signal, file["ecg"][()].astype(np.float32))
    assert (recording.rate, recording.format, recording.declared) == (500, "hdf5", ("rate", "unit", "leads"))
    assert any("Laid out as SPH: 500 Hz" in note for note in recording.notes)


def test_the_layout_of_code_15_is_a_stack_without_its_padding():
    tracings = np.zeros((3, 4096, 12), np.float32)
    ecg = np.random.default_rng(0).normal(0, 0.3, (3, 4000, 12)).astype(np.float32)
    tracings[:, 48:4048] = ecg
    tracings[1, :648], tracings[1, 3448:] = 0, 0
    recordings = many(arrays(tracings=tracings, exam_id=np.arange(3)))
    assert [r.name for r in recordings] == ["d/a[0]", "d/a[1]", "d/a[2]"]
    assert [r.n_samples for r in recordings] == [4000, 2800, 4000]
    np.testing.assert_array_equal(recordings[0].signal, ecg[0].T)
    np.testing.assert_array_equal(recordings[1].signal, tracings[1, 648:3448].T)
    assert {r.rate for r in recordings} == {400}
    assert any("padding, zero in all leads: 648 samples at the start, 648 at" in note for note in recordings[1].notes)
    assert {r.rate for r in many(arrays(tracings=tracings, exam_id=np.arange(3)), ReadOptions(rate=300))} == {300}


def test_a_flat_recording_of_such_a_stack_keeps_its_samples():
    tracings = np.zeros((1, 4096, 12), np.float32)
    assert one(arrays(tracings=tracings, exam_id=np.arange(1))).n_samples == 4096


@settings(deadline=None, max_examples=60)
@given(
    kind=st.sampled_from(["<i2", ">i2", "<i4", "<u2", "<f2", "<f4", ">f4", "<f8", "<i8"]),
    shape=st.sampled_from(["kn", "nk", "rkn", "rnk"]),
    packing=st.sampled_from([{}, {"compression": "gzip", "shuffle": True}, {"compression": "lzf"}, {"chunks": True}]),
)
def test_any_type_shape_and_built_in_packing_reads_equal(kind, shape, packing):
    x = np.stack([np.abs(microvolts(seed, 60)) for seed in (0, 1)]).astype(kind)
    stack = x if len(shape) == 3 else x[:1]
    array = stack if shape.endswith("kn") else stack.swapaxes(1, 2)
    array = array if len(shape) == 3 else array[0]
    recordings = many(hdf5(lambda file: file.create_dataset("g/sub/ecg", data=array, **packing)), MV)
    assert len(recordings) == len(stack)
    for recording, expected in zip(recordings, stack, strict=True):
        np.testing.assert_array_equal(recording.signal, expected.astype(np.float32))
        assert recording.declared == ("rate", "unit", "leads")


def test_rate_unit_and_leads_come_from_attributes_or_datasets_and_go_first():
    def attributes(file: Any) -> None:
        dataset = file.create_dataset("ecg", data=microvolts()[::-1].T)
        dataset.attrs.update({"fs": 257, "units": "uV", "leads": list(reversed(LEADS))})
        file.create_dataset("atime", data=np.arange(1000) / 257).attrs["units"] = "mV"  # of another array

    def datasets(file: Any) -> None:
        file.attrs["sampling_rate"] = "257 Hz"
        file["record/signal"] = microvolts()[::-1]
        file["record/leads"] = np.array(list(reversed(LEADS)), dtype="S")
        file["record/unit_mv"] = 0.001

    for fill in (attributes, datasets):
        recording = one(hdf5(fill), ReadOptions(rate=100, units_per_mv=5))
        assert (recording.rate, recording.declared) == (257, ())
        np.testing.assert_allclose(recording.signal, microvolts() / 1000, rtol=1e-6)


def test_one_dataset_a_lead_is_read():
    leads = dict(zip(LEADS, microvolts(), strict=True))
    recording = one(arrays(**leads), ReadOptions(rate=100, units_per_mv=1000))
    np.testing.assert_allclose(recording.signal, microvolts() / 1000, rtol=1e-6)
    assert recording.declared == ("rate", "unit")


def test_leads_in_differing_units_are_refused():
    def fill(file: Any) -> None:
        for lead, row in zip(LEADS, microvolts(), strict=True):
            file[lead] = row
            file[lead].attrs["unit"] = "uV" if lead != "V6" else "mV"

    with pytest.raises(UnreadableFileError, match="leads in differing units"):
        one(hdf5(fill))


def test_links_to_elsewhere_are_not_followed_and_loops_end():
    def fill(file: Any) -> None:
        file["g/ecg"] = microvolts()
        file["g/loop"], file["soft"] = file["/"], h5py.SoftLink("/g/ecg")
        file["outside"] = h5py.ExternalLink("/etc/passwd", "/ecg")

    assert any("2 links to other places" in note for note in one(hdf5(fill), MV).notes)
    with pytest.raises(UnreadableFileError, match="0 arrays that may be signals"):
        one(hdf5(lambda file: file.__setitem__("ecg", h5py.ExternalLink("/etc/passwd", "/ecg"))))


def test_virtual_and_external_datasets_are_refused(tmp_path):
    def virtual(file: Any) -> None:
        layout = h5py.VirtualLayout(shape=(12, 500), dtype="f4")
        layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(12, 500))
        file.create_virtual_dataset("ecg", layout)

    def external(file: Any) -> None:
        file.create_dataset("ecg", shape=(12, 500), dtype="f4", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])

    for fill in (virtual, external):
        with pytest.raises(UnreadableFileError, match=r"'ecg'\) keeps its samples in another file"):
            one(hdf5(fill))


def test_filters_that_would_load_code_are_refused_before_they_are_looked_for():
    def fill(file: Any) -> None:
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_chunk((12, 500))
        plan.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (3,))
        h5py.h5d.create(file.id, b"ecg", h5py.h5t.NATIVE_FLOAT, h5py.h5s.create_simple((12, 500)), plan)

    with pytest.raises(UnreadableFileError, match="filter that is no part of HDF5"):
        one(hdf5(fill))


def test_promised_numbers_take_no_memory():
    for how in ({}, {"chunks": (12, 1000)}, {"chunks": (12, 1000), "compression": "gzip"}):
        data = hdf5(lambda file, how=how: file.create_dataset("ecg", (12, 3_900_000), "f8", **how))
        with pytest.raises(LimitError, match="expands to 374,400,000 bytes"):
            one(data)
    data = hdf5(lambda file: file.create_dataset("ecg", (12, 500), "f8", chunks=(12, 9_000_000), maxshape=(12, None)))
    with pytest.raises(LimitError, match="expands to 864,000,000 bytes"):
        one(data)
    with pytest.raises(LimitError, match="49 samples a lead"):
        one(arrays(ecg=microvolts(n=50)), MV, Limits(samples=49))


def test_too_many_objects_too_few_leads_and_no_numbers_are_refused(monkeypatch):
    monkeypatch.setattr(hdf5_file, "_MOST_OBJECTS", 100)
    with pytest.raises(LimitError, match="more than 100 datasets"):
        one(hdf5(lambda file: [file.create_group(str(i)) for i in range(101)]))
    with pytest.raises(UnreadableFileError, match=r"no axis has the 12 leads"):
        one(arrays(ecg=microvolts()[:3]))
    with pytest.raises(MissingLeadsError, match="V1"):
        one(arrays(ecg=microvolts()[:3], leads=["I", "II", "III"]))
    with pytest.raises(UnreadableFileError, match="2 arrays that may be signals"):
        one(arrays(a=microvolts(), b=microvolts()))


def matlab73(file: Any) -> None:
    """The structure that MATLAB writes with -v7.3: axes reversed, characters as numbers, cells as references."""

    def put(path: str, value: Any, kind: str) -> Any:
        file[path] = value
        file[path].attrs["MATLAB_class"] = np.bytes_(kind)
        return file[path].ref

    put("s/ecg", microvolts()[::-1].T, "int16")
    put("s/fs", np.array([[257.0]]), "double")
    put("s/units", np.array([[ord(c)] for c in "uV"], "u2"), "char")
    texts = [put(f"#refs#/{i}", np.array([[ord(c)] for c in lead], "u2"), "char") for i, lead in enumerate(LEADS[::-1])]
    file.create_dataset("s/leads", data=np.array([texts], dtype=object), dtype=h5py.ref_dtype)
    file["s/leads"].attrs["MATLAB_class"] = np.bytes_("cell")


def test_matlab_7_3_is_read_with_its_texts_and_cells():
    data = bytearray(hdf5(matlab73, 512))
    data[:128] = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM"
    recording = one(bytes(data), ReadOptions(rate=500))
    assert (recording.rate, recording.format, recording.declared) == (257, "matlab", ())
    np.testing.assert_allclose(recording.signal, microvolts() / 1000, rtol=1e-6)


def test_truncated_files_are_refused():
    data = arrays(ecg=microvolts())
    for size in (9, 100, len(data) // 2, len(data) - 1):
        with pytest.raises(UnreadableFileError, match=r"d/a\.h5 is a damaged HDF5 file"):
            one(data[:size], MV)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.data())
def test_damaged_samples_only_ever_raise_errors_of_the_tree(data):
    content = bytearray(hdf5(lambda file: file.create_dataset("ecg", data=microvolts(n=200), compression="gzip")))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(len(content) // 2, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(EcgError):
        assert many(bytes(content), MV)
