"""MATLAB files of level 4 and 5 against scipy, and what damaged ones get."""

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, IncompleteSetError, LimitError, MissingLeadsError, UnreadableFileError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, read
from backend.ecg.readers.arrays.matlab_file import load_level_4, load_level_5
from tests.samples import FORMATS, NO_SHARED, microvolts

real = pytest.mark.skipif(not FORMATS.exists(), reason=NO_SHARED)
MV = ReadOptions(rate=500, units_per_mv=1)


def mat(version: str = "5", compress: bool = False, **variables: object) -> bytes:
    stream = io.BytesIO()
    scipy.io.savemat(stream, variables, format=version, do_compression=compress)
    return stream.getvalue()


def many(data: bytes, options: ReadOptions | None = None, limits: Limits | None = None):
    return read(FileSet((SourceFile("d/a.mat", data),)), options, limits)


def one(data: bytes, options: ReadOptions | None = None):
    (recording,) = many(data, options)
    return recording


@real
def test_the_structure_of_cpsc_2018_is_read_in_mv_with_age_and_sex():
    path = FORMATS / "cpsc_mat" / "A1980.mat"
    recording = one(path.read_bytes())
    theirs = scipy.io.loadmat(path)["ECG"][0, 0]
    np.testing.assert_allclose(recording.signal, theirs["data"], atol=1e-6)
    assert (recording.rate, recording.format, recording.declared) == (500, "matlab", ("rate", "unit", "leads"))
    assert (recording.patient.age, recording.patient.sex) == (52, "M")
    assert any("Laid out as CPSC 2018" in note for note in recording.notes)
    declared = one(path.read_bytes(), ReadOptions(rate=250, units_per_mv=1000))
    assert declared.rate == 250
    np.testing.assert_allclose(declared.signal, theirs["data"] / 1000, atol=1e-9)


@real
def test_a_challenge_file_without_its_header_asks_for_it_unless_the_unit_is_declared():
    data = (FORMATS / "wfdb_mat" / "A0001.mat").read_bytes()
    with pytest.raises(IncompleteSetError, match=r"the \.hea is missing.*declare the units per mV"):
        one(data)
    recording = one(data, ReadOptions(rate=500, units_per_mv=1000))
    theirs = scipy.io.loadmat(io.BytesIO(data))["val"]
    np.testing.assert_array_equal(recording.signal, (theirs / 1000).astype(np.float32))
    assert recording.declared == ("rate", "unit", "leads")
    assert recording.step is not None


KINDS = st.sampled_from(["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])


@settings(deadline=None, max_examples=80)
@given(kind=KINDS, compress=st.booleans(), upright=st.booleans(), seed=st.integers(0, 9), large=st.booleans())
def test_every_type_of_number_is_read_as_scipy_reads_it(kind, compress, upright, seed, large):
    random = np.random.default_rng(seed)
    x = random.integers(0, 100, (12, 30)) * (1 if large or kind[0] != "f" else 0.37)
    x = (x if upright else x.T).astype(kind)
    data = mat(compress=compress, ecg=x, note="text", s={"a": 1.5, "b": {"c": np.arange(3)}})
    ours, theirs = load_level_5(data, "a.mat", Limits()), scipy.io.loadmat(io.BytesIO(data))
    np.testing.assert_array_equal(ours["ecg"], theirs["ecg"])
    assert ours["note"].tolist() == ["text"]
    assert ours["s/a"] == 1.5
    np.testing.assert_array_equal(ours["s/b/c"], [[0, 1, 2]])
    np.testing.assert_allclose(one(data, MV).signal, theirs["ecg"] if upright else theirs["ecg"].T, rtol=1e-6)


@settings(deadline=None, max_examples=40)
@given(kind=st.sampled_from(["u1", "i2", "u2", "i4", "f4", "f8"]), seed=st.integers(0, 9))
def test_level_4_is_read_as_scipy_reads_it(kind, seed):
    x = np.random.default_rng(seed).integers(0, 200, (12, 30)).astype(kind)
    data = mat("4", signal=x, fs=250.0)
    np.testing.assert_array_equal(load_level_4(data, "a.mat")["signal"], scipy.io.loadmat(io.BytesIO(data))["signal"])
    recording = one(data, ReadOptions(units_per_mv=1))
    np.testing.assert_array_equal(recording.signal, x.astype(np.float32))
    assert recording.rate == 250


def test_big_endian_files_are_read():
    x = microvolts(n=20).astype(">i2")
    body = b"".join(
        struct.pack(">II", kind, len(part)) + part + bytes(-len(part) % 8)
        for kind, part in (
            (6, struct.pack(">II", 10, 0)),
            (5, struct.pack(">ii", 12, 20)),
            (1, b"ecg"),
            (3, x.tobytes(order="F")),
        )
    )
    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x01\x00MI"
    data = head + struct.pack(">II", 14, len(body)) + body
    np.testing.assert_array_equal(scipy.io.loadmat(io.BytesIO(data))["ecg"], x)
    np.testing.assert_array_equal(one(data, ReadOptions(rate=500, units_per_mv=1)).signal, x.astype(np.float32))


def test_rate_unit_and_leads_of_the_file_go_first():
    order = list(reversed(LEADS))
    for leads in (np.array(order, dtype=object), np.array(order), ",".join(order)):
        recording = one(mat(Fs=257.0, data=microvolts()[::-1], units="uV", lead_names=leads, age=40.0, sex="female"))
        assert (recording.rate, recording.declared) == (257, ())
        np.testing.assert_allclose(recording.signal, microvolts() / 1000, rtol=1e-6)
        assert (recording.patient.age, recording.patient.sex) == (40, "F")


def test_one_variable_a_lead_and_stacks_are_read():
    leads = dict(zip(LEADS, microvolts().astype(float), strict=True))
    recording = one(mat(**leads, fs=500.0), ReadOptions(units_per_mv=1000))
    np.testing.assert_allclose(recording.signal, microvolts() / 1000, rtol=1e-6)
    assert recording.declared == ("unit",)
    stack = np.stack([microvolts(0), microvolts(1)])
    recordings = many(mat(ecg=stack), MV)
    assert [r.name for r in recordings] == ["d/a[0]", "d/a[1]"]
    np.testing.assert_array_equal(recordings[1].signal, stack[1].astype(np.float32))


def test_several_signals_are_refused_with_their_names():
    with pytest.raises(UnreadableFileError, match=r"2 arrays that may be signals \(a, b\)"):
        one(mat(a=microvolts(), b=microvolts()))


def test_complex_and_sparse_matrices_and_objects_are_passed_over():
    import scipy.sparse

    data = mat(ecg=microvolts(), z=microvolts() * 1j, s=scipy.sparse.eye(12, 40, format="csc"))
    assert set(load_level_5(data, "a.mat", Limits())) == {"ecg"}


def test_a_bomb_and_deep_nesting_are_refused():
    data = mat(compress=True, ecg=np.zeros((12, 200_000)))
    with pytest.raises(LimitError, match=r"d/a\.mat expands to more than"):
        one(data)
    nested: object = 1.0
    for _ in range(12):
        nested = {"a": nested}
    with pytest.raises(LimitError, match="nests its variables too deeply"):
        one(mat(ecg=nested))
    with pytest.raises(LimitError, match="at most 1 recordings"):
        many(mat(ecg=np.zeros((2, 12, 50))), limits=Limits(records=1))


def test_a_truncated_file_says_what_is_missing():
    with pytest.raises(UnreadableFileError, match=r"d/a\.mat is a damaged MATLAB file .*bytes are promised"):
        one(mat(ecg=microvolts())[:-100])


FILES = {
    "plain": mat(ecg=microvolts(n=30), fs=500.0, s={"a": ["x", "y"], "b": np.eye(3)}),
    "packed": mat(compress=True, ecg=microvolts(n=30), fs=500.0),
    "level 4": mat("4", ecg=microvolts(n=30).astype(float), fs=500.0),
}


@settings(deadline=None, max_examples=250)
@given(st.data())
def test_damaged_files_only_ever_raise_errors_of_the_tree(data):
    content = bytearray(FILES[data.draw(st.sampled_from(sorted(FILES)))])
    spots = st.one_of(st.integers(0, 250), st.integers(0, len(content) - 1))
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(spots) % len(content)] = data.draw(st.integers(0, 255))
    del content[data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content)))) :]
    with contextlib.suppress(EcgError):
        assert many(bytes(content))


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=300), st.booleans())
def test_garbage_behind_the_mark_only_ever_raises_errors_of_the_tree(garbage, packed):
    body = struct.pack("<II", 14, len(garbage)) + garbage
    if packed:
        body = zlib.compress(body)
        body = struct.pack("<II", 15, len(body)) + body
    with contextlib.suppress(EcgError):
        many(b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + body)


def test_variables_of_one_letter_are_no_leads_by_themselves():
    with pytest.raises(MissingLeadsError, match="none of the twelve"):
        one(mat(R=np.arange(100.0), L=np.arange(100.0)), ReadOptions(rate=500, units_per_mv=1, partial=True))
